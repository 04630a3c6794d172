"""A refusal says what was looked for, why, which articles are near, and what to loosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from eval.cases import load_cases
from folders import ROOT, SEEDS
from rag import Answer, Library, answer, ingest, open_library
from rag.answerability import in_language_of
from rag.answerability.refusal import explain_refusal, low_confidence_note, nearest_articles
from rag.query.date_ranges import Period
from rag.query.entities import Names
from rag.query.parsing import parse_query
from rag.query.query import Query
from rag.types import Article, Evidence, Filters, Passage, Source

QUESTIONS = [
    case.question
    for name in ("seeds", "seeds-later")
    for case in load_cases(ROOT / "eval" / "cases" / f"{name}.jsonl")
]
TODAY = date(2024, 6, 15)
SOURCES = [
    Source("a", "Esk Opens Its Bridge Today", origin="o", publisher="Paper", author="Ada Quill"),
    Source("b", "Two", origin="p", published=date(2023, 12, 1)),
]
DAYS = Period(date(2023, 9, 1), date(2023, 12, 1), 0, 0)


def read(question: str) -> Query:
    return parse_query(question, Names.of(SOURCES), TODAY)


def evidence(text: str) -> list[Evidence]:
    built = Article.build(text, title="One", origin="o")
    return [Evidence(Passage(built.id, 0, len(text), text), built.source, 1, 1.0, ("dense",))]


def test_the_nearest_headlines() -> None:
    one = "“Esk Opens Its Bridge Today” (Paper · Ada Quill)"
    assert nearest_articles(SOURCES) == f"The nearest to it: {one} and “Two” (2023-12-01)."
    assert nearest_articles([]) == "No article of this library is about it."


def test_a_filter_that_lets_nothing_through() -> None:
    query = read("articles since March 2024 about the bridge")
    lines = explain_refusal(query, query.filters, [], True, DAYS)
    assert lines == (
        "No article of this library is dated 2024-03-01 or later. They are dated 2023-09-01 to "
        "2023-12-01. Loosen this filter: after.",
        "Looked for: bridge, dated 2024-03-01 or later.",
    )
    both = Filters(after=date(2024, 3, 1), before=date(2024, 3, 31))
    assert "is dated 2024-03-01 to 2024-03-31. " in explain_refusal(query, both, [], False, DAYS)[0]
    against = Filters(after=date(2024, 3, 1), before=date(2023, 3, 31))
    assert (
        "both from 2024-03-01 on and not later than 2023-03-31"
        in explain_refusal(query, against, [])[0]
    )


def test_a_day_that_can_be_read_in_two_ways() -> None:
    asked = read("what happened on 12/03/2024")
    lines = explain_refusal(asked, Filters(), evidence("The river rises."))
    assert lines[0] == "12/03/2024 can be read as different days. Write the month in words."


def test_what_became_a_filter_is_not_looked_for_again() -> None:
    query = read("articles by Ada Quill about the ferry")
    assert explain_refusal(query, query.filters, evidence("The ferry."))[-1] == (
        "Looked for: ferry, by Ada Quill."
    )


def test_whom_it_was_looked_for_first() -> None:
    query = read("what did the Paper report on the ferry")
    assert explain_refusal(query, Filters(), evidence("The ferry."))[-1] == (
        "Looked for: report ferry, above all from Paper."
    )


def test_a_year_of_which_articles_speak_is_no_day_of_theirs() -> None:
    query = read("how high is the river in 2050")
    of_2050 = evidence("By 2050 the river rises.")
    assert not any(
        "dated" in line for line in explain_refusal(query, Filters(), of_2050, True, DAYS)
    )
    [dated, _] = explain_refusal(query, Filters(), evidence("The river rises."), True, DAYS)
    assert dated.startswith(
        "No article of this library is dated 2050-01-01 to 2050-12-31. They are"
    )


def test_a_question_without_words_or_in_another_language() -> None:
    assert explain_refusal(read("who is the"), Filters(), evidence("The ferry.")) == (
        "The question has no word to search for.",
    )
    foreign = explain_refusal(
        read("was ist mit der Brücke passiert"), Filters(), evidence("The old ferry.")
    )
    assert foreign[0] == "The question is not in the language of the articles."


@pytest.mark.parametrize(
    ("question", "pronoun"),
    [
        ("who built it?", "it"),
        ("When did they leave?", "they"),
        ("what does it cost", "it"),
        ("who built the ferry, and who runs it?", ""),
        ("How much did Ada Quill pay for it?", ""),
        ("What did IT buy?", ""),
        ("what did quill say about it", ""),
    ],
)
def test_a_pronoun_without_a_name_is_told(question: str, pronoun: str) -> None:
    query = read(question)
    told = explain_refusal(query, Filters(), evidence("The old ferry of Ada Quill."))
    unclear = [line for line in told if line.startswith("It is not clear")]
    assert unclear == ([f"It is not clear what “{pronoun}” stands for."] if pronoun else [])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("seeds"), create=True) as opened:
        ingest(SEEDS, opened)
        yield opened


def test_a_pronoun_without_a_name_is_refused_unless_one_article_is_asked(library: Library) -> None:
    asked = "who sued it?"
    assert "It is not clear what “it” stands for." in lines(answer(asked, library=library))
    article = library.articles()[0].source.id
    alone = answer(asked, library=library, filters={"articles": [article]})
    assert (alone.trace.chance or 0.0) > 0.0


def lines(found: Answer) -> list[str]:
    assert found.refused
    return [sentence.text for sentence in found.sentences]


def test_without_the_filter_there_are_near_articles(library: Library) -> None:
    said = lines(answer("articles since March 1990 about DeepSeek", library=library))
    assert any("dated 1990" in line for line in said)
    assert said[-1].startswith("The nearest without this filter: “")
    assert lines(answer("who is the", library=library))[1:] == [
        "The question has no word to search for."
    ]
    given = answer("what is DeepSeek", library=library, filters={"publishers": "Nobody"})
    assert lines(given)[-1].startswith("The nearest without this filter: “")


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.5, 0.7, 0.99])
def test_no_reserve_where_none_is_due(chance: float) -> None:
    assert low_confidence_note(chance) == ()


def test_an_answer_that_may_be_none_says_how_often() -> None:
    assert "about 6 in 10" in low_confidence_note(0.62)[0]
    assert "about 5 in 10" in low_confidence_note(0.51)[0]


def test_the_reserve_stands_beside_the_answer_and_not_in_it(tmp_path: Path) -> None:
    with open_library(tmp_path / "library", create=True) as library:
        ingest([SEEDS], library)
        found = [answer(question, library=library) for question in QUESTIONS]
    made = [item for item in found if not item.refused and item.trace.chance is not None]
    assert {bool(low_confidence_note(item.trace.chance or 0)) for item in made} == {True, False}
    for item in made:
        assert item.trace.notes == low_confidence_note(item.trace.chance or 0)
        assert "may not say" not in item.text
    assert any(item.refused for item in found)
    assert all(item.trace.notes == () for item in found if item.refused)


LINES = (
    "The articles do not say.",
    "Looked for: harbour.",
    "The nearest to it: “One” (A Paper) and “Two”.",
    "There is no 2023-02-30.",
)


@pytest.mark.parametrize(
    ("question", "first", "nearest"),
    [
        (
            "Wer ist der Präsident von Frankreich?",
            "Die Artikel sagen",
            "“One” (A Paper) und “Two”.",
        ),
        ("Qui est le président de la Chine ?", "Les articles ne", "“One” (A Paper) et “Two”."),
        ("¿Quién es el presidente de Chile?", "Los artículos no", "“One” (A Paper) y “Two”."),
        ("谁是法国总统？", "文章中没有提到。", "“One” (A Paper) 和 “Two”。"),
    ],
)
def test_the_fixed_sentences_are_translated(question: str, first: str, nearest: str) -> None:
    said = in_language_of(question, LINES)
    assert said[0].startswith(first) and said[2].endswith(nearest)
    assert "harbour" in said[1] and said[3] == LINES[3]


@pytest.mark.parametrize(
    "question",
    [
        "Who is the president of France?",
        "jets raiders final score",
        "Who is Jürgen Böhme?",
        "Кто он?",
    ],
)
def test_all_other_questions_are_refused_in_english(question: str) -> None:
    assert in_language_of(question, LINES) == LINES

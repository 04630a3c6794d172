"""Questions as people put them, odd and bad ones too, to a small library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rag import Answer, Filters, Library, QuestionError, answer
from rag.retrieval.library import open_library
from rag.types import Article
from stored_articles import entry
from tiny_embedder import TinyEmbedder

ARTICLES = (
    ("Ferry fares", "Harbour Post", date(2024, 5, 2), "The ferry to Lorn Island costs four euros."),
    ("Bridge plan", "City Courier", date(2023, 1, 9), "Ada Brandt plans a bridge to Lorn Island."),
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    embedder = TinyEmbedder()
    with open_library(tmp_path / "library", embedder=embedder, create=True) as opened:
        opened.put(
            [
                entry(
                    Article.build(
                        text, title=title, origin=title, publisher=publisher, published=day
                    ),
                    f"/{title}",
                    embedder=embedder,
                )
                for title, publisher, day, text in ARTICLES
            ]
        )
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "Wie teuer ist die Fähre nach Lorn?",
        "渡船多少钱？",
        "x",
        "the of and is",
        'AND NOT "',
        "title:ferry OR body:*",
        "(((ferry~2 ^5",
        "^.*$|[a-z]+(?=x)\\d{1,",
        '"ferry" \'costs" “four',
        "What was written on February 31, 2024?",
        "articles since 9999-99-99 about ferries",
        "what about, and, why?",
        "ferry " * 300,
    ],
)
def test_odd_questions_are_answered_or_refused(library: Library, question: str) -> None:
    given = answer(question, library=library)
    assert given.sentences
    assert given.question == " ".join(question.split())


def test_contradictory_filters_are_refused_with_their_names(library: Library) -> None:
    filters = Filters(after=date(2025, 1, 1), before=date(2020, 1, 1))
    given = answer("what does the ferry cost", library=library, filters=filters)
    assert given.refused
    assert "Loosen this filter: after, before" in given.text


def test_an_empty_period_is_a_reason_of_its_own(library: Library) -> None:
    given = answer("Any articles since March 2031 on the ferry?", library=library)
    assert given.refused
    assert "No article of this library is dated 2031-03-01 or later." in given.text


def test_a_publisher_that_is_not_there_is_a_reason_of_its_own(library: Library) -> None:
    given = answer("What did Reuters report about volcanoes in Peru?", library=library)
    assert given.refused
    assert "This library holds no article from Reuters." in given.text


def test_a_refusal_says_what_was_looked_for_and_what_is_near(library: Library) -> None:
    given = answer("who discovered the volcanoes of Peru", library=library)
    assert given.refused
    assert "Looked for: discovered volcanoes peru." in given.text
    assert "“Ferry fares” (Harbour Post · 2024-05-02)" in given.text
    kept = Filters(publishers=("City Courier",))
    given = answer("volcanoes of Peru", library=library, filters=kept)
    assert "Looked for: volcanoes peru, from City Courier." in given.text


def test_a_day_that_no_calendar_has_is_a_reason(library: Library) -> None:
    given = answer("What was written on February 31, 2024?", library=library)
    assert given.refused
    assert "There is no February 31, 2024." in given.text


def test_days_without_an_article_are_a_reason(library: Library) -> None:
    given = answer("what did the ferry cost in may 1999", library=library)
    assert given.refused
    assert "No article of this library is dated 1999-05-01 to 1999-05-31." in given.text


def test_words_restrict_as_filters_do(library: Library) -> None:
    given = answer("articles after 2025 and before 2020 on the ferry", library=library)
    assert given.refused and "Loosen this filter: after, before" in given.text


def test_a_pasted_book_is_refused_in_words(library: Library) -> None:
    with pytest.raises(QuestionError, match="20,000 characters"):
        answer("x" * 20_000, library=library)


def test_what_was_understood_is_in_the_trace(library: Library) -> None:
    given = answer("What does the Harbour Post say the ferry costs?", library=library)
    assert given.trace.understood["publishers"] == [["Harbour Post"]]
    assert given.evidence[0].source.publisher == "Harbour Post"
    assert given.trace.chance is not None
    assert given.to_dict()["trace"]["understood"]["text"] == given.question


def test_a_follow_up_is_read_with_its_subject(library: Library) -> None:
    first = answer("Where does Ada Brandt plan a bridge?", library=library)
    second = answer("when does she start?", library=library, history=[first])
    assert second.question == "when does she start?"
    assert second.trace.understood["text"] == "when does Ada Brandt start?"


def test_history_that_does_not_fit_changes_nothing(library: Library) -> None:
    earlier: Answer = answer("渡船?", library=library)
    given = answer("What does the ferry cost today?", library=library, history=[earlier])
    assert given.trace.understood["text"] == "What does the ferry cost today?"


def test_the_ranking_prefers_whom_the_question_names(library: Library) -> None:
    for name in ("Harbour Post", "City Courier"):
        found = library.search(f"{name} on Lorn Island", k=2)
        assert found[0].source.publisher == name
        assert len(found) == 2


def test_names_follow_the_library(library: Library) -> None:
    assert library.retriever().parse("What does the City Courier say?").publishers
    gone = [s.source.id for s in library.articles() if s.source.publisher == "City Courier"]
    library.remove(gone)
    assert not library.retriever().parse("What does the City Courier say?").publishers

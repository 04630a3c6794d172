"""Questions of several things: what is there is answered, what is missing is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from folders import SEEDS
from rag import Answer, Library, answer, ingest, open_library
from rag.answerability.assessment import Assessment, assess
from rag.answerability.sentence_scoring import SentenceScorer
from rag.answering.evidence import renumbered
from rag.answering.planning import _in_turns, retrieve
from rag.query.follow_ups import goes_on
from rag.query.query import Query
from rag.reader import OptionalReader
from rag.types import Article, Evidence, Filters, Passage

BOTH = "how many parameters does gpt-4 have and who is the coach of the Chicago Bears?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("seeds"), create=True) as opened:
        assert len(ingest(SEEDS, opened).added) == 5
        yield opened


def leads(found: Answer) -> list[str]:
    return [s.text for s in found.sentences if s.verdict == "no_claim"]


def test_a_partial_answer_says_what_is_missing(library: Library) -> None:
    found = answer(BOTH, library=library)
    assert not found.refused and "1.8 trillion" in found.text
    last = found.sentences[-1]
    assert last.text == "The articles do not say: who is the coach of the Chicago Bears?"
    assert last.verdict == "no_claim" and not last.citations
    assert last.text in found.to_dict()["text"] and last.text in found.to_markdown()


def test_the_backend_is_asked_only_for_what_is_there(library: Library) -> None:
    retriever = library.retriever()
    scorer = SentenceScorer(retriever, OptionalReader())

    def look(part: Query, k: int, within: Filters) -> Assessment:
        return assess(part, retriever, scorer, k, within)

    found = retrieve(retriever.parse(BOTH), 8, look)
    assert found.query.text == "how many parameters does gpt-4 have?"
    assert found.missing == ("who is the coach of the Chicago Bears?",)


def test_what_a_later_question_goes_on_from_is_not_missing() -> None:
    assert goes_on("who sold it?", "who sold it: for how much?")
    assert not goes_on("who sold it?", "who sold it?")
    assert not goes_on("who sold it?", "who sold its oaks: why?")


def test_where_nothing_is_there_all_is_refused(library: Library) -> None:
    found = answer("who coaches the Bears and what does milk cost?", library=library)
    assert found.refused and not any("do not say:" in line for line in leads(found))


def test_a_comparison_gives_both_sides(library: Library) -> None:
    found = answer("compare DeepSeek and OpenAI", library=library)
    assert {"On “DeepSeek”:", "On “OpenAI”:"} <= set(leads(found))
    assert "do not say" not in found.text
    quotes = [c.quote for s in found.sentences for c in s.citations]
    assert len(quotes) == len(set(quotes))


def test_a_comparison_says_which_side_is_missing(library: Library) -> None:
    found = answer("compare DeepSeek and bananas", library=library)
    assert leads(found)[-1] == "The articles do not say: anything about “bananas”."
    assert "On “bananas”:" not in leads(found)


def test_each_of_several_sides_is_looked_at_and_named(library: Library) -> None:
    found = answer("compare DeepSeek, OpenAI, Meta and bananas", library=library)
    assert {"On “DeepSeek”:", "On “OpenAI”:", "On “Meta”:"} <= set(leads(found))
    assert leads(found)[-1] == "The articles do not say: anything about “bananas”."


def test_a_sentence_that_fits_two_sides_names_both(library: Library) -> None:
    found = answer("parameters of gpt-4 vs r1", library=library)
    assert leads(found)[0] == "On “parameters of gpt-4” and “parameters of r1”:"


def test_an_overview_has_a_line_for_each_article(library: Library) -> None:
    found = answer("what do the articles say about DeepSeek?", library=library)
    cited = [c.article_id for s in found.sentences for c in s.citations]
    assert len(cited) >= 3 and len(cited) == len(set(cited))
    assert len(leads(found)) == len(cited)
    titles = {item.source.id: item.source.title for item in found.evidence}
    for lead, sentence in zip(found.sentences[::2], found.sentences[1::2], strict=True):
        assert titles[sentence.citations[0].article_id] in lead.text


def test_a_side_is_there_if_an_article_speaks_of_it(library: Library) -> None:
    found = answer("compare Stargate and Reddit", library=library)
    assert "do not say" not in found.text and not found.refused


def test_an_overview_keeps_to_what_restricts_it(library: Library) -> None:
    found = answer("articles by John Werner about OpenAI", library=library)
    assert {item.source.author for item in found.evidence} == {"John Werner"} and not found.refused
    assert found.trace.understood["filters"] == {"authors": ["John Werner"]}
    other = answer("what did Forbes write about OpenAI", library=library)
    assert {item.source.publisher for item in other.evidence} == {"Forbes"} and not other.refused
    assert answer("articles by John Werner about bananas", library=library).refused
    every = answer("articles by John Werner", library=library)
    assert {item.source.author for item in every.evidence} == {"John Werner"} and not every.refused


def test_that_a_publisher_is_known_tells_nothing_of_the_subject(library: Library) -> None:
    question = "what did Forbes write about the box jellyfish?"

    retriever = library.retriever()
    scorer = SentenceScorer(retriever)

    def look(part: Query, k: int, within: Filters) -> Assessment:
        found = assess(part, retriever, scorer, k, within)
        return replace(found, chance=0.9 if part.text == question else 0.1)

    assert retrieve(retriever.parse(question), 8, look).assessment.chance == 0.1
    found = answer(question, library=library)
    assert found.refused and "above all from Forbes" in found.text


def test_a_title_alone_asks_what_its_article_says(library: Library) -> None:
    title = "OpenAI’s Fiasco Could Be a Boon for Meta and for ‘Open AI’"
    for question in (f"Summarise “{title}”", title):
        found = answer(question, library=library)
        assert not found.refused, question
        assert {
            found.evidence_of(c).source.title for s in found.sentences for c in s.citations
        } == {title}


def made(*texts: str) -> list[Evidence]:
    items = []
    for rank, text in enumerate(texts, start=1):
        built = Article.build(text, title=text, origin="o")
        passage = Passage(built.id, 0, len(text), text)
        items.append(Evidence(passage, built.source, rank, 1.0, ("dense",)))
    return items


def test_evidence_of_the_parts_takes_turns() -> None:
    merged = renumbered(list(_in_turns([made("a", "b", "c"), made("b", "d")])))
    assert [item.passage.text for item in merged] == ["a", "b", "d", "c"]
    assert [item.rank for item in merged] == [1, 2, 3, 4]

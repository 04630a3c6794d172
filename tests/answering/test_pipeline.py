"""From a question to an answer, each of whose footnotes quotes its article."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from folders import SEEDS
from rag import (
    Answer,
    Article,
    Citation,
    Evidence,
    Library,
    LibraryEmpty,
    LibraryMissing,
    Passage,
    QuestionError,
    Sentence,
    SettingsError,
    answer,
    ingest,
    open_library,
    stream,
)
from rag.answering.pipeline import in_order_of_appearance
from rag.types import REFUSAL


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("seeds"), create=True) as opened:
        assert len(ingest(SEEDS, opened).added) == 5
        yield opened


def quotes_stand(found: Answer, library: Library) -> None:
    for sentence in found.sentences:
        for citation in sentence.citations:
            assert library.text(citation.article_id, citation.start, citation.end) == citation.quote
            assert found.evidence_of(citation).holds(citation)


def test_an_answer_names_its_words(library: Library) -> None:
    found = answer("how many parameters does gpt-4 have", library=library)
    assert not found.refused
    assert "1.8 trillion" in found.text
    assert all(s.verdict in ("supported", "no_claim") for s in found.sentences)
    assert found.backend.name == "extractive"
    assert found.trace.left_machine == ()
    quotes_stand(found, library)


def test_numbers_count_from_one_in_order_of_appearance(library: Library) -> None:
    found = answer("what did openai say about deepseek and distillation", library=library)
    order = [found.number_of(c.article_id) for s in found.sentences for c in s.citations]
    assert order[0] == 1
    assert list(dict.fromkeys(order)) == list(range(1, len(set(order)) + 1))
    assert [item.rank for item in found.evidence] == list(range(1, len(found.evidence) + 1))


def test_what_is_cited_first_gets_the_first_number() -> None:
    article = Article.build("One. Two. Three.", title="T", origin="o")
    spans = ((0, 4), (5, 9), (10, 16))
    found = tuple(
        Evidence(Passage(article.id, a, b, article.text[a:b]), article.source, n, 1 / n, ("dense",))
        for n, (a, b) in enumerate(spans, start=1)
    )
    said = tuple(
        Sentence("x", (Citation(article.id, a, b, article.text[a:b]),), "supported", 1.0, "y")
        for a, b in (spans[2], spans[1])
    )
    ordered = in_order_of_appearance(said, found)
    assert [item.passage.text for item in ordered] == ["Three.", "Two.", "One."]
    assert [item.rank for item in ordered] == [1, 2, 3]


@pytest.mark.parametrize("question", ["weather in berlin tomorrow", "how to bake bread", "42?"])
def test_a_refusal_names_the_nearest_headlines(library: Library, question: str) -> None:
    found = answer(question, library=library)
    assert found.refused
    assert found.sentences[0].text == REFUSAL
    assert all(s.verdict == "no_claim" and not s.citations for s in found.sentences)
    titles = [summary.source.title for summary in library.articles()]
    assert any(title in found.text for title in titles)


def test_a_stream_settles_into_the_answer(library: Library) -> None:
    *sentences, last = stream("what is project stargate", library=library)
    assert isinstance(last, Answer)
    assert all(isinstance(item, Sentence) for item in sentences)
    assert tuple(sentences) == last.sentences
    again = answer("what is project stargate", library=library)
    assert (again.sentences, again.evidence) == (last.sentences, last.evidence)


@pytest.mark.parametrize("question", ["", "   ", "?!", "a" * 20_000])
def test_questions_that_cannot_be_asked(library: Library, question: str) -> None:
    with pytest.raises(QuestionError):
        answer(question, library=library)


@pytest.mark.parametrize(
    "question",
    ['AND NOT "', "title:* OR (", "\x00what\x00 is r1", "x" * 1_990, "¿qué es r1?", "a"],
)
def test_odd_questions_get_an_answer_or_a_refusal(library: Library, question: str) -> None:
    quotes_stand(answer(question, library=library), library)


def test_filters(library: Library) -> None:
    ids = {s.source.origin[:3]: s.source.id for s in library.articles()}
    question = "how many parameters does gpt-4 have"
    only = answer(question, library=library, filters={"articles": [ids["002"]]})
    assert {e.source.id for e in only.evidence} == {ids["002"]}
    without = answer(question, library=library, filters={"not_articles": ids["002"]})
    assert ids["002"] not in {e.source.id for e in without.evidence}
    assert "1.8 trillion" not in without.text
    with pytest.raises(SettingsError, match="publishers"):
        answer(question, library=library, filters={"publisher": "Forbes"})
    with pytest.raises(SettingsError, match="2025-02-03"):
        answer(question, library=library, filters={"after": "2025-02-30"})
    assert answer(question, library=library, filters={"after": "2030-01-01"}).refused


def test_unknown_backend(library: Library) -> None:
    with pytest.raises(SettingsError, match="extractive"):
        answer("what is r1", library=library, backend="no-such-model")


def test_missing_and_empty_libraries(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="footnote ingest"):
        answer("what is r1", library=tmp_path / "none")
    with (
        open_library(tmp_path / "empty", create=True) as empty,
        pytest.raises(LibraryEmpty, match="footnote ingest"),
    ):
        answer("what is r1", library=empty)


def test_the_same_from_every_entry_point(library: Library) -> None:
    values = answer("what is model distillation", library=library).to_dict()
    assert set(values) == {
        *("question", "text", "refused", "complete", "backend"),
        *("summary", "sentences", "evidence", "trace"),
    }
    citation = values["sentences"][0]["citations"][0]
    assert set(citation) == {
        *("n", "article_id", "title", "publisher", "published", "url"),
        *("start", "end", "quote", "link", "part", "copies"),
    }
    assert citation["link"] == (
        f"/articles/{citation['article_id']}?start={citation['start']}&end={citation['end']}"
    )
    assert set(values["trace"]["seconds"]) == {"retrieve", "draft", "verify", "total"}


def test_markdown_has_a_note_for_each_number(library: Library) -> None:
    found = answer("what is project stargate", library=library)
    text = found.to_markdown()
    for number, source in found.cited_sources.items():
        assert f"[^{number}]" in text
        assert f"[^{number}]: {source.title}" in text

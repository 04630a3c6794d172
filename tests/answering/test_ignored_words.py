"""Words of a question that a filter says to ignore."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rag import Library, Settings, answer, open_library
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        for publisher, day in (("Esk Times", 2023), ("Tarn Post", 2024)):
            built = article(
                f"The harbour reopened, writes {publisher}. Boats left at dawn.",
                title=f"Harbour {publisher}",
                publisher=publisher,
                published=date(day, 3, 2),
            )
            library.put([entry(built)])
        yield library


def found(library: Library, question: str, **filters: object) -> set[str | None]:
    settings = Settings(library=library.path)
    told = answer(question, library=library, filters=filters, settings=settings)
    return {item.source.publisher for item in told.evidence}


def test_words_of_a_question_stop_to_count_when_they_are_ignored(library: Library) -> None:
    only = "Which harbour reopened, only in Tarn Post?"
    assert found(library, only) == {"Tarn Post"}
    assert found(library, only, ignoring=["Tarn Post"]) == {"Esk Times", "Tarn Post"}
    since = "Which articles since January 2024 tell of a harbour that reopened?"
    assert found(library, since) == {"Tarn Post"}
    assert found(library, since, ignoring=["2024-01-01.."]) == {"Esk Times", "Tarn Post"}
    assert found(library, since, ignoring=["Esk Times"]) == {"Tarn Post"}


def test_ignoring_nothing_that_is_there_changes_nothing(library: Library) -> None:
    question = "What did Esk Times write about the harbour?"
    retriever = library.retriever()
    query = retriever.parse(question)
    assert retriever.parse(question, ("Nobody",)) == query
    query = retriever.parse(question, ("Esk Times",))
    assert not query.publishers and not query.publisher_mentions and not query.is_multi_part


def test_ignoring_alone_is_no_filter_to_loosen(library: Library) -> None:
    settings = Settings(library=library.path)
    told = answer("zebra?", library=library, filters={"ignoring": ["x"]}, settings=settings)
    assert told.refused and "Loosen" not in told.text

"""Example questions are made from the library, and only those that it answers are offered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from rag import Article, Library, Settings, answer, ingest, open_library
from tiny_embedder import TinySpanEmbedder
from ui.examples import candidates, evenly, frequent_names
from ui.service import Service

ARTICLES = {
    "ferry.md": (
        "---\ntitle: Who pays for the ferry?\npublisher: Esk Times\n---\n"
        "The ferry is late. For years the Harbour Board has paid for the ferry to Hven Island. "
        "On Monday the Harbour Board said that it will stop, and Lena Voss was furious.\n"
    ),
    "bridge.md": (
        "---\ntitle: A bridge for Hven\npublisher: Esk Times\n---\n"
        "Engineers of the Harbour Board have drawn a bridge. According to Voss’s office, the "
        "bridge costs four million.\n"
    ),
    "oaks.md": (
        "---\ntitle: Tarn plants oaks\npublisher: Tarn Post\n---\n"
        "In autumn the town of Tarn is planting nine hundred oaks. The Chinese mayor of its twin "
        "town came, and the US sent nobody.\n"
    ),
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        yield library


def examples(service: Service) -> tuple[str, ...]:
    """The examples, once they have been found."""
    until = time.monotonic() + 60
    while (found := service.example_questions()) is None:
        assert time.monotonic() < until, "no examples were found"
        time.sleep(0.05)
    return found


@pytest.fixture
def service(library: Library) -> Iterator[Service]:
    service = Service(library, settings=Settings(library=library.path))
    yield service
    service.close()


def test_examples_are_about_the_library_and_it_answers_them(service: Service) -> None:
    questions = examples(service)
    assert "What do the articles say about Harbour Board?" in questions
    assert 2 <= len(questions) <= 4
    for question in questions:
        found = service.ask(question)
        assert not found.refused and found.cited, question


def test_the_same_library_gets_the_same_examples(library: Library, service: Service) -> None:
    other = Service(library, settings=service.settings)
    assert examples(other) == examples(service)
    other.close()


def test_examples_follow_the_articles(library: Library, service: Service) -> None:
    before = examples(service)
    for summary in library.articles():
        if summary.source.publisher == "Esk Times":
            library.remove([summary.source.id])
    after = examples(service)
    assert before and not any("Harbour" in question for question in after)
    library.remove([summary.source.id for summary in library.articles()])
    assert examples(service) == ()


def test_a_question_that_is_not_answered_is_not_offered(library: Library) -> None:
    asked = []

    class Refusing(Service):
        def _ask_for_example(self, question: str) -> object:  # type: ignore[override]
            asked.append(question)
            return answer("Who discovered the volcanoes of Peru?", library=library)

    service = Refusing(library, settings=Settings(library=library.path))
    assert examples(service) == () and asked
    service.close()


def test_closing_ends_the_search_for_examples(library: Library) -> None:
    asked = threading.Event()

    class Slow(Service):
        def _ask_for_example(self, question: str) -> object:  # type: ignore[override]
            assert not asked.is_set(), "asked again after it was closed"
            asked.set()
            time.sleep(0.2)
            return answer(question, library=library)

    service = Slow(library, settings=Settings(library=library.path))
    assert service.example_questions() is None and asked.wait(30)
    service.close()
    assert len(service.example_questions() or ()) <= 1


def test_candidates_are_question_titles_names_and_a_publishers_names() -> None:
    articles = [
        Article.build(text.split("---\n")[2], title=name, origin=name, publisher=publisher)
        for (name, text), publisher in zip(
            ARTICLES.items(), ("Esk Times", "Esk Times", "Tarn Post"), strict=True
        )
    ]
    assert list(candidates(["Who pays?", "A bridge", "Who pays?"], articles)) == [
        "Who pays?",
        "What do the articles say about Harbour Board?",
        "What is reported about Lena Voss?",
        "What does Esk Times say about Hven Island?",
        "What is reported about Hven Island?",
        "What is reported about Tarn?",
    ]
    assert list(candidates([], [])) == []
    assert list(islice(candidates(["x" * 90 + "?"], []), 1)) == []


def test_names_are_those_of_most_texts() -> None:
    texts = [
        "Then Ada Brandt said no. Later the Alps were closed. On Friday the US was silent.",
        "Yesterday Brandt was asked again; a French court said yes. In May Ada Brandt’s word won.",
    ]
    assert frequent_names(texts) == ["Ada Brandt", "Alps"]


@pytest.mark.parametrize(
    ("count", "most", "found"), [(0, 3, []), (3, 3, [0, 1, 2]), (7, 3, [0, 3, 6])]
)
def test_a_sample_is_even(count: int, most: int, found: list[int]) -> None:
    assert evenly(range(count), most) == found

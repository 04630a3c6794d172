"""Example questions are made from the library, and only those that it answers are offered."""

from __future__ import annotations

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


def test_examples_are_about_the_library_and_it_answers_them(library: Library) -> None:
    settings = Settings(library=library.path)
    examples = Service(library, settings=settings).example_questions()
    assert "What do the articles say about Harbour Board?" in examples
    assert 2 <= len(examples) <= 4
    for question in examples:
        found = answer(question, library=library, settings=settings)
        assert not found.refused and found.cited, question


def test_the_same_library_gets_the_same_examples(library: Library) -> None:
    settings = Settings(library=library.path)
    first, again = (Service(library, settings=settings).example_questions() for _ in range(2))
    assert first == again


def test_examples_follow_the_articles(library: Library) -> None:
    service = Service(library, settings=Settings(library=library.path))
    before = service.example_questions()
    for summary in library.articles():
        if summary.source.publisher == "Esk Times":
            library.remove([summary.source.id])
    after = service.example_questions()
    assert before and not any("Harbour" in question for question in after)
    library.remove([summary.source.id for summary in library.articles()])
    assert service.example_questions() == ()


def test_a_question_that_is_not_answered_is_not_offered(library: Library) -> None:
    asked = []

    class Refusing(Service):
        def _ask_for_example(self, question: str) -> object:  # type: ignore[override]
            asked.append(question)
            return answer("Who discovered the volcanoes of Peru?", library=library)

    assert Refusing(library, settings=Settings(library=library.path)).example_questions() == ()
    assert asked


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

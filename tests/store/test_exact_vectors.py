"""Vectors in memory find what Chroma finds, whatever came and went since they were read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.retrieval.library import Library, open_library
from rag.store import index_sync
from rag.types import article_of_passage
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

PORTS = ("Esk", "Ayr", "Rum")


def assert_as_in_chroma(library: Library) -> None:
    question = TinyEmbedder().embed(["Which ferry sails from Esk?"])[0]
    chroma = library.indexes.open().vectors
    one = frozenset(sorted(library.article_ids())[:1])
    for k, allowed in ((50, None), (2, None), (50, one), (50, frozenset[str]())):
        found = library.indexes.dense(question, k, allowed)
        expected = dict(chroma.search(question, k, allowed))
        assert list(dict(found)) == list(expected)
        assert dict(found) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("most", "read"), [(100, 0), (3, 0), (3, 100), (0, 1)])
def test_the_same_as_in_chroma_through_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, read: int
) -> None:
    monkeypatch.setattr(index_sync, "MOST_IN_MEMORY", most)
    monkeypatch.setattr(index_sync, "MOST_READ", read)
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put([entry(article(f"A ferry sails from {port}.", port)) for port in PORTS])
        assert_as_in_chroma(library)
        later = [entry(article(f"Two ferries sail to {port}.", f"To {port}")) for port in PORTS]
        library.put(later)
        assert_as_in_chroma(library)
        library.remove([later[0].article.id])
        assert_as_in_chroma(library)
        library.remove(library.article_ids())
        assert_as_in_chroma(library)


def test_every_copy_is_found_in_its_article_of_a_large_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_sync, "MOST_IN_MEMORY", 0)
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        copies = [article("All the same words.", f"Copy {number}") for number in range(120)]
        library.put([entry(copy) for copy in copies])
        alike = TinyEmbedder().embed(["All the same words."])[0]
        for copy in copies:
            (hit,) = library.indexes.dense(alike, 5, frozenset([copy.id]))
            assert article_of_passage(hit.passage_id) == copy.id
            assert hit.score == pytest.approx(1.0)
        all_of_them = library.indexes.dense(alike, 200, library.article_ids())
        assert len(all_of_them) == len(copies)


def test_many_passages_are_left_to_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_sync, "MOST_IN_MEMORY", 0)
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put([entry(article(f"A ferry sails from {port}.", port)) for port in PORTS])
        catalog, every = library.catalog, library.article_ids()
        assert catalog.vectors(len(PORTS) - 1, every) is None
        stored = catalog.vectors(len(PORTS), every)
        assert stored is not None and set(stored[0]) == set(catalog.passage_ids())
        few = catalog.vectors(1, sorted(every)[:1])
        assert few is not None and few[1].shape == (1, TinyEmbedder().identity.dimension)
        assert catalog.vectors(len(PORTS), ()) is None

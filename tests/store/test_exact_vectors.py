"""Vectors in memory find what Chroma finds, whatever came and went since they were read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.retrieval.library import Library, open_library
from rag.store import index_sync
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


@pytest.mark.parametrize("most", [100, 3])
def test_the_same_as_in_chroma_through_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(index_sync, "MOST_IN_MEMORY", most)
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

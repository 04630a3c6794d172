"""A library whose articles change all the time does not grow without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Library, open_library
from rag.store import check_health, store
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

ARTICLES, ROUNDS = 30, 14


def put(library: Library, round_number: int, share: float = 1.0) -> None:
    """Changes a share of the articles, in turn."""
    entries = []
    many = round(share * ARTICLES)
    for number in {(round_number * many + one) % ARTICLES for one in range(many)}:
        words = " ".join(
            f"Boat {number} of round {round_number} carries {n} nets." for n in range(60)
        )
        entries.append(entry(article(words, title=f"Boat {number}")))
    library.put(entries)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_fourteen_rounds_of_changes_leave_a_folder_near_a_fresh_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(store, "FEW_ROWS", 20)
    with open_library(tmp_path / "fresh", embedder=TinyEmbedder(), create=True) as library:
        put(library, 0)
    compacted, largest = 0, 0
    for number in range(ROUNDS):
        with open_library(tmp_path / "old", embedder=TinyEmbedder(), create=True) as library:
            put(library, number, share if number else 1.0)
            compacted += library.compact(only_if_worth_it=True)
        largest = max(largest, size(tmp_path / "old"))
    assert compacted > 0
    assert largest < 1.6 * size(tmp_path / "fresh")
    with open_library(tmp_path / "old", embedder=TinyEmbedder()) as library:
        assert check_health(library) == ()


def test_compacting_changes_no_answer_and_frees_space(tmp_path: Path) -> None:
    with open_library(tmp_path / "l", embedder=TinyEmbedder(), create=True) as library:
        for number in range(3):
            put(library, number)
        library.remove([s.source.id for s in library.articles()][5:])
        (before,) = library.search("Boat 3 of round 2 carries 7 nets", k=1)
    grown = size(tmp_path / "l")
    with open_library(tmp_path / "l", embedder=TinyEmbedder()) as library:
        library.compact()
        (found,) = library.search("Boat 3 of round 2 carries 7 nets", k=1)
        assert found.passage == before.passage
        assert check_health(library) == ()
    assert size(tmp_path / "l") < grown / 2

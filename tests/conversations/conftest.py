"""A library of two small articles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Library
from small_library import small_library, write_articles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "articles")


@pytest.fixture
def library(folder: Path, tmp_path: Path) -> Iterator[Library]:
    with small_library(folder, tmp_path / "library") as library:
        yield library

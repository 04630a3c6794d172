"""A server over two small articles, and a client that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from live_server import serving
from rag import ingest, open_library
from tiny_embedder import TinySpanEmbedder

ESK = "# Harbour of Esk reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n"
TARN = "# Tarn plants trees\n\nThe town of Tarn planted nine hundred oaks in autumn.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "esk.md").write_text(ESK, encoding="utf-8")
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("served") / "library"
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        with serving(library) as address:
            yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client

"""Reads files of the tests as an ingest does."""

from __future__ import annotations

from pathlib import Path

from rag.ingestion.documents import Document
from rag.ingestion.loaders import read
from rag.receipts import Failure

BODY = "The council of Vessel Bay voted on Tuesday to build four turbines under its old pier."
RECORD = {
    "title": "Tidal Power",
    "author": "Mara Lindqvist",
    "source": "Harbour News",
    "published_at": "2025-02-03T08:45:59+00:00",
    "category": "energy",
    "url": "https://harbour.example/tidal",
    "body": BODY,
}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def documents(path: Path) -> list[Document]:
    outcomes = list(read(path))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    return [outcome for outcome in outcomes if isinstance(outcome, Document)]


def failure(path: Path | str) -> Failure:
    (outcome,) = read(path)
    assert isinstance(outcome, Failure), outcome
    assert outcome.reason.endswith(".")
    return outcome

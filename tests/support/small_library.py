"""Two small articles, a library of them, and answers from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag import Answer, Library, Settings, answer, ingest, open_library
from tiny_embedder import TinySpanEmbedder

ESK = "---\ntitle: Harbour of Esk reopens\npublisher: Esk Times\n---\n"
ESK_TEXT = "The harbour of Esk reopened on Monday. Boats left at dawn.\n"
TARN = "---\ntitle: Tarn plants trees\n---\nThe town of Tarn planted nine hundred oaks.\n"
QUESTION = "When did the harbour of Esk reopen?"


def write_articles(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "esk.md").write_text(ESK + ESK_TEXT, encoding="utf-8")
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    return folder


@contextmanager
def small_library(folder: Path, path: Path) -> Iterator[Library]:
    """An open library at ``path`` with the articles of ``folder``."""
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        yield library


def ask(library: Library, question: str = QUESTION) -> Answer:
    found = answer(question, library=library, settings=Settings(library=library.path))
    assert not found.refused
    return found

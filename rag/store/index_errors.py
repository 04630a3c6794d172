"""Shared by both indexes: translating their errors, deleting their files, and batches."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rag.errors import LibraryError, LibraryFull
from rag.store.disk import why_not_writable

Item = TypeVar("Item")


class IndexUnusable(LibraryError):
    """An index is damaged; it can be rebuilt from the catalog."""

    def __init__(self, path: Path, reason: str) -> None:
        self.reason = reason
        super().__init__(
            path,
            f"The search index of the library in {str(path)!r} failed ({reason}). The articles are "
            f"safe. Rebuild the index with: footnote rebuild --library {str(path)!r}",
        )


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turns what an index raises into `LibraryFull` or `IndexUnusable`.

    Both libraries are written in Rust, whose panics are a ``BaseException``.
    """
    try:
        yield
    except (LibraryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        message = " ".join(str(error).split())[:300] or type(error).__name__
        if reason := why_not_writable(folder, message):
            raise LibraryFull(folder, reason) from error
        raise IndexUnusable(folder, message) from error


def erase(library_folder: Path, name: str) -> None:
    """Deletes the folder of an index that is not open."""
    with translated(library_folder):
        if (library_folder / name).exists():
            shutil.rmtree(library_folder / name)


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in order, at most ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

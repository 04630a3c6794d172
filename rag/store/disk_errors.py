"""Folders that cannot be written, and the errors of the indexes in them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_dir

from rag.errors import LibraryError, LibraryFull
from rag.store.lock import LOCK_FILE, OWNER_FILE

# How SQLite, Chroma and Tantivy, which have no error class for it, report a full disk, a quota, or
# a folder without write permission; "disk i/o error" means a limit was reached.
CANNOT_WRITE = (
    "no space left",
    "disk is full",
    "file too large",
    "too big",
    "disk quota",
    "read-only",
    "readonly",
    "permission denied",
    "unable to open",
    "disk i/o error",
)
# More than a file system keeps in reserve for a file that exists.
PROBE_BYTES = 256_000


def why_not_writable(folder: Path, message: str) -> str | None:
    """The reason, if the cause of an error is a folder that cannot be written.

    The libraries often report only a consequence of a full disk, so writing is tried.
    """
    if any(sign in message.lower() for sign in CANNOT_WRITE):
        return message
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
    except OSError as error:
        return error.strerror or str(error)
    return None


def is_read_only(folder: Path, catalog: str) -> bool:
    """Whether a library is there that this process may not write."""
    return (folder / catalog).exists() and not (
        os.access(folder, os.W_OK) and os.access(folder / catalog, os.W_OK)
    )


def working_copy(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """A copy of a library in the user's cache, because Chroma writes even to be read.

    Raises:
        LibraryFull: The cache cannot be written.
    """
    cache = Path(user_cache_dir("footnote"))
    try:
        cache.mkdir(parents=True, exist_ok=True)
        copy = tempfile.TemporaryDirectory(prefix="read-only-", dir=cache)
        for path in sorted(folder.rglob("*")):
            target = Path(copy.name, path.relative_to(folder))
            if path.is_dir():
                target.mkdir()
            elif path.name not in (LOCK_FILE, OWNER_FILE):
                shutil.copyfile(path, target)
    except OSError as error:
        raise LibraryFull(cache, error.strerror or str(error)) from error
    return copy


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

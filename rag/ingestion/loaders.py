"""Loads articles from files and folders; what cannot be read becomes a `Failure`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ArticleError
from rag.ingestion.documents import Outcome
from rag.ingestion.fields import ReadOptions
from rag.ingestion.file_reading import read_file
from rag.ingestion.kinds import (
    KNOWN,
    PLAIN,
    head_of,
    is_refused,
    kind_of,
    why_not_read,
)
from rag.ingestion.limits import MEGABYTE, NOT_PLAIN, why_not
from rag.ingestion.normalization import SURROGATE
from rag.receipts import Failure, Skipped

# Markdown and text go through no foreign parser but markdown-it: small ones are read right here.
LARGE = MEGABYTE
HIDDEN = "Hidden files and folders are not read."
LOCK_FILE = "This is the lock file of an open document."
LINKED_FOLDER = "Linked folders are not entered. Name the folder itself to read it."
LINKED_OUT = "Links that lead out of the folder are not followed. Name the file itself to read it."
AS_FOUND = ReadOptions()
# Reads one file, here or in a child process.
FileReader = Callable[[Path, ReadOptions], Iterator[Outcome]]


def read(
    path: str | Path, options: ReadOptions = AS_FOUND, *, isolated: FileReader = read_file
) -> Iterator[Outcome]:
    """Yields the articles of a file or folder, and all that was not read, each with the reason.

    Folders are walked in order of names. Hidden files, editors' lock files, linked folders and
    files that are not articles are skipped. One bad file never stops the others.

    Args:
        path: A file or folder.
        options: What is known about the files beforehand.
        isolated: Reads what may loop, take all memory or end the process; by default that is
            read in this process too.

    Raises:
        ArticleError: The path is empty, or nothing is there. Raised by the call itself.
    """
    name = str(path)
    if not name.strip():
        raise ArticleError(repr(name), "The path is empty. Name a file or a folder.")
    place = Path(os.path.abspath(name)) if "\0" not in name else Path(os.devnull) / "nothing"
    try:
        place.stat()
    except OSError as error:
        if isinstance(error, PermissionError):
            return iter((Failure(name, why_not(error)),))
        raise ArticleError(name, "There is no such file or folder. Check the path.") from error
    reader = _Reader(options, isolated)
    return _read_folder(place, reader) if place.is_dir() else _read_file(place, reader)


def _read_folder(folder: Path, reader: _Reader) -> Iterator[Outcome]:
    empty = True
    for item in _walk(folder):
        outcomes = _read_file(item, reader) if isinstance(item, Path) else iter((item,))
        for outcome in outcomes:
            empty = empty and isinstance(outcome, Skipped)
            yield outcome
    if empty:
        yield Failure(str(folder), f"The folder holds no file that can be read: {KNOWN}.")


def _walk(folder: Path) -> Iterator[Path | Failure | Skipped]:
    """Files worth reading, the folder's own before those of its subfolders, by name."""
    failures: list[OSError] = []
    inside = os.path.realpath(folder)
    for root, folders, names in os.walk(folder, onerror=failures.append):
        for name in sorted([*names, *folders]):
            path = Path(root, name)
            reason = _why_skipped(path, is_folder=name in folders)
            if not reason and path.is_symlink():
                reason = "" if Path(os.path.realpath(path)).is_relative_to(inside) else LINKED_OUT
            if reason:
                yield Skipped(_printable(path), reason)
            elif name in names:
                yield path
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        while failures:
            yield _unread_folder(failures.pop())
    while failures:
        yield _unread_folder(failures.pop())


def _unread_folder(error: OSError) -> Failure:
    return Failure(os.fsdecode(error.filename), why_not(error))


def _why_skipped(path: Path, *, is_folder: bool) -> str:
    """Why something in a folder is not an article; empty if it may be one."""
    name = path.name.lower()
    if name.startswith("."):
        return HIDDEN
    if is_folder:
        return LINKED_FOLDER if path.is_symlink() else ""
    if name.startswith("~$"):
        return LOCK_FILE
    if not (path.is_file() or path.is_symlink()):
        return NOT_PLAIN
    if kind_of(head_of(path), path.name) or is_refused(path.name):
        return ""
    return why_not_read(path.name)


@dataclass(frozen=True, slots=True)
class _Reader:
    """How files are read: what is known of them, and what reads those that may do harm."""

    options: ReadOptions
    isolated: FileReader


def _read_file(path: Path, reader: _Reader) -> Iterator[Outcome]:
    if SURROGATE.search(str(path)):
        yield Failure(_printable(path), "The file's name is not valid text. Rename it.")
    elif _is_risky(path):
        yield from reader.isolated(path, reader.options)
    else:
        yield from read_file(path, reader.options)


def _is_risky(path: Path) -> bool:
    if not path.is_file():
        return False
    kind = kind_of(head_of(path), path.name)
    return kind not in (*PLAIN, "records", None) or (kind in PLAIN and path.stat().st_size > LARGE)


def _printable(path: Path) -> str:
    return SURROGATE.sub("?", str(path))

"""Limits on the size of a file, and the error of a file that cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

MEGABYTE = 1_000_000
# The Bible has 4.5 MB. Beyond several of them it is not an article, and takes minutes to embed.
MOST_TEXT = 20 * MEGABYTE
# A list is held in memory while it is parsed, which takes about ten times its size.
MOST_LIST = 500 * MEGABYTE
# A document that holds pictures, an archive, a mailbox.
MOST_DOCUMENT = 100 * MEGABYTE
CHANGED = "It was changed while it was read. Run the same command again."
NOT_PLAIN = "This is not a plain file. Copy its text into one."


class Unreadable(Exception):
    """A file cannot be read; the message says why and what to do, as a sentence."""


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size // MEGABYTE} MB"


def check_size(path: Path, most: int) -> None:
    """Refuses what is not a plain file (a pipe would be waited for) or is too large.

    Raises:
        Unreadable: It is neither, or cannot be looked at.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise Unreadable(why_not(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(NOT_PLAIN)
    if status.st_size > most:
        raise Unreadable(too_large(most))


def too_large(most: int) -> str:
    """Why a file is refused, and what to do."""
    if most == MOST_TEXT:
        return f"A text may have {megabytes(most)} at most. Split it into single articles."
    if most == MOST_DOCUMENT:
        return f"A document may have {megabytes(most)} at most, unpacked. Split it."
    return f"A list may have {megabytes(most)} at most, unpacked. Split it into several files."


def read_at_most(stream: BinaryIO, most: int) -> bytes:
    """The whole stream, in pieces, so that a bomb is stopped at the limit.

    Raises:
        Unreadable: There is more than ``most`` bytes.
    """
    return join_at_most(iter(partial(stream.read, MEGABYTE), b""), most)


def join_at_most(pieces: Iterable[bytes], most: int) -> bytes:
    """All pieces together, of which no more is made once the limit is reached.

    Raises:
        Unreadable: There is more than ``most`` bytes.
    """
    joined = bytearray()
    for piece in pieces:
        joined += piece
        if len(joined) > most:
            raise Unreadable(too_large(most))
    return bytes(joined)


@contextmanager
def unchanged(stream: BinaryIO) -> Iterator[None]:
    """Refuses an open file that another program writes while it is read here.

    Raises:
        Unreadable: It was written, so that what was read may be half of it.
    """
    before = os.fstat(stream.fileno())
    yield
    after = os.fstat(stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Unreadable(CHANGED)


def why_not(error: OSError) -> str:
    """What the operating system says, in words, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "The file is gone, or the link points to nothing."
    if isinstance(error, PermissionError):
        return "Reading it is not permitted. Allow it, or copy the file."
    return f"It cannot be read: {error.strerror or os.strerror(error.errno or 5)}."

"""Files that hold other files: zip archives, gzip, mailboxes, messages with attachments."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple, cast

from rag.ingestion.formats import attachments, messages, opened
from rag.ingestion.formats.packages import entry
from rag.ingestion.limits import MOST_DOCUMENT, Unreadable, read_at_most
from rag.ingestion.normalization import SURROGATE, UNUSABLE

CONTAINERS = ("archive", "mailbox", "email")
MOST_MESSAGES = 50_000


class Member(NamedTuple):
    """A file within a file; ``problem`` says why it is not read."""

    name: str
    data: bytes = b""
    problem: str = ""


def members(kind: str, data: bytes, name: str) -> Iterator[Member]:
    """The files in a container, in order.

    Raises:
        Unreadable: The container is damaged, or unpacks to more than is allowed.
    """
    if kind == "mailbox":
        for number, message in enumerate(messages(data), start=1):
            if number > MOST_MESSAGES:
                raise Unreadable(f"It holds more than {MOST_MESSAGES:,} messages. Split it.")
            yield Member(f"{number}.eml", message)
    elif kind == "email":
        for attached, content in attachments(data):
            yield Member(UNUSABLE.sub("", PurePosixPath(attached).name) or "?", content)
    elif data.startswith(b"\x1f\x8b"):
        inner = name[:-3] if name.lower().endswith(".gz") else name
        yield Member(inner, _ungzipped(data))
    else:
        yield from _zipped(data)


def _ungzipped(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            return read_at_most(cast(io.BufferedReader, stream), MOST_DOCUMENT)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable("The packed file is damaged or cut off. Pack it again.") from error


def _zipped(data: bytes) -> Iterator[Member]:
    with opened(data) as package:
        for item in sorted(package.infolist(), key=lambda item: item.filename):
            path = PurePosixPath(item.filename.replace("\\", "/"))
            hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
            if path.is_absolute() or ".." in path.parts:
                yield Member(path.name, problem="Its name leads out of the archive.")
            elif item.is_dir() or hidden:
                continue
            elif UNUSABLE.search(item.filename) or SURROGATE.search(item.filename):
                yield Member("?", problem="Its name holds control characters.")
            else:
                try:
                    yield Member(str(path), entry(package, item, MOST_DOCUMENT))
                except Unreadable as error:
                    yield Member(str(path), problem=str(error))

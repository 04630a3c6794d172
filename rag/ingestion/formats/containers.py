"""Files that hold other files: zip archives, gzip, mailboxes, messages with attachments.

Documents that are zip files are opened here too, without unpacking more than is allowed.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import NamedTuple, cast
from zipfile import ZipFile, ZipInfo

from lxml import etree

from rag.ingestion.formats.mail import attachments, messages
from rag.ingestion.limits import MEGABYTE, MOST_DOCUMENT, Unreadable, megabytes, read_at_most
from rag.ingestion.normalization import SURROGATE, UNUSABLE

# Unpacked, all entries together: pictures of a long report take most of it.
MOST_UNPACKED = 500 * MEGABYTE
MOST_ENTRIES = 20_000
# XML of a document; a thousand pages take some ten megabytes.
MOST_ENTRY = 60 * MEGABYTE
# Old Word files begin so, and documents with a password, which are packed into one such file.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DAMAGED = "The package is damaged or cut off. Save it again."


@contextmanager
def opened(data: bytes) -> Iterator[ZipFile]:
    """A zip file whose entries together are not too large, its errors translated.

    Raises:
        Unreadable: It is damaged, encrypted, or would unpack to more than is allowed.
    """
    if data.startswith(COMPOUND):
        raise Unreadable("It is encrypted, or of an old format. Save a copy without a password.")
    try:
        with ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            if len(entries) > MOST_ENTRIES:
                raise Unreadable(f"It has {len(entries):,} entries, more than {MOST_ENTRIES:,}.")
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise Unreadable(f"It would unpack to more than {megabytes(MOST_UNPACKED)}.")
            yield package
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise Unreadable(DAMAGED) from error
    except RuntimeError as error:
        raise Unreadable("It is encrypted. Save a copy without a password.") from error


def entry(package: ZipFile, name: str | ZipInfo, most: int = MOST_ENTRY) -> bytes:
    """The bytes of one entry, whatever size it declares.

    Raises:
        Unreadable: It is not there, or has more than ``most`` bytes.
    """
    try:
        with package.open(name) as stream:
            data = stream.read(most + 1)
    except KeyError as error:
        raise Unreadable(f"The package is damaged: {name} is missing.") from error
    if len(data) > most:
        raise Unreadable(f"A part of it unpacks to more than {megabytes(most)}.")
    return data


def xml(data: bytes) -> etree._Element:
    """The root of an XML part; entities are not expanded and nothing else is loaded.

    Raises:
        Unreadable: It is not well-formed, or nested too deeply.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise Unreadable("A part of the package is damaged: it is not valid XML.") from error


# What tells the document that a zip file is: an entry, or what its ``mimetype`` says.
PACKAGES = {
    "docx": {"word/document.xml"},
    "epub": {"META-INF/container.xml", "application/epub+zip"},
    "odt": {"application/vnd.oasis.opendocument.text"},
}
CONTAINERS = ("archive", "mailbox", "email")
MOST_MESSAGES = 50_000


class Member(NamedTuple):
    """A file within a file; ``problem`` says why it is not read."""

    name: str
    data: bytes = b""
    problem: str = ""


def document_in(data: bytes) -> str:
    """The kind of the document that a zip file is, whatever its name; empty for an archive."""
    if not data.startswith(b"PK"):
        return ""
    with opened(data) as package:
        names = set(package.namelist())
        told = (
            entry(package, "mimetype", MEGABYTE).decode("ascii", "replace").strip()
            if "mimetype" in names
            else ""
        )
    found = (kind for kind, parts in PACKAGES.items() if told in parts or parts & names)
    return next(found, "")


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

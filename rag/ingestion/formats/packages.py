"""Opens zip files, and the documents that are such, without unpacking more than is allowed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZipFile, ZipInfo

from lxml import etree

from rag.ingestion.limits import MEGABYTE, Unreadable, megabytes

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

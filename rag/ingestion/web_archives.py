"""Reads web archives (WARC): the pages among the records of what a crawler was sent."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from functools import partial

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

from rag.fetching import (
    UNPACKERS,
    Entry,
    NotUnpacked,
    Page,
    Refused,
    packing_of,
    parse_address,
    unpack,
)
from rag.ingestion.decoding import NotText, decode
from rag.ingestion.documents import Document, Outcome, distinct
from rag.ingestion.fetched import ENDINGS, HTML_TYPES, extract
from rag.ingestion.formats.containers import MOST_ENTRIES, MOST_UNPACKED
from rag.ingestion.kinds import HEAD_BYTES, kind_of
from rag.ingestion.limits import (
    MEGABYTE,
    MOST_DOCUMENT,
    Unreadable,
    join_at_most,
    megabytes,
    read_at_most,
)
from rag.ingestion.normalization import UNUSABLE
from rag.ingestion.web_pages import document_of
from rag.receipts import Failure, Skipped

DAMAGED = "The web archive is damaged, or is not one, after {:,} records. Save or fetch it again."
CUT = "The record is damaged or cut off. Save the page again."
# What warcio raises over records that name no address, or whose first line is none.
BROKEN = (ArchiveLoadFailed, StatusAndHeadersParserException, AttributeError, ValueError)
PAGES = (*HTML_TYPES, *ENDINGS, "text/plain")
# Servers name these types where they do not know; then the content tells.
UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
# Some crawlers store a body whole and leave the header that says it is in chunks.
CHUNK = re.compile(rb"[0-9a-fA-F]+[ \t]*(?:;[^\r\n]*)?\r\n")


class _LeftOut(Exception):
    """A record holds no article; the message says why, as a sentence."""


class _Unpacked:
    """The archive's bytes, unpacked as they are read, up to a limit."""

    def __init__(self, data: bytes) -> None:
        plain = io.BytesIO(data)
        self._stream = gzip.GzipFile(fileobj=plain) if data.startswith(b"\x1f\x8b") else plain
        self._left = MOST_UNPACKED

    def read(self, size: int) -> bytes:
        """Some of the next bytes: what precedes any damage is read before that is reported."""
        try:
            piece = self._stream.read1(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Unreadable("The packed file is damaged or cut off. Pack it again.") from error
        self._left -= len(piece)
        if self._left < 0:
            raise Unreadable(f"It unpacks to more than {megabytes(MOST_UNPACKED)}. Split it.")
        return piece


def read_web_archive(data: bytes, location: str) -> Iterator[Outcome]:
    """The articles of an archive, and each record that holds none with the reason.

    An article's address is that of its record; the day on which the record was made is not the
    article's.

    Args:
        data: The archive, as it is or packed by gzip.
        location: The place of the archive.

    Raises:
        Unreadable: It is damaged, or holds more than is allowed; what precedes that was read.
    """
    names: Counter[str] = Counter()
    for record in _records(data):
        yield _outcome(record, f"{location}#{distinct(_name_of(record), names)}")


def _records(data: bytes) -> Iterator[ArcWarcRecord]:
    archive = ArchiveIterator(_Unpacked(data), block_size=MEGABYTE)
    archive.reader.set_decomp(None)
    number = 0
    try:
        for number, record in enumerate(archive, start=1):
            if number > MOST_ENTRIES:
                raise Unreadable(f"It holds more than {MOST_ENTRIES:,} records. Split it.")
            yield record
    except BROKEN as error:
        raise Unreadable(DAMAGED.format(number)) from error
    if archive.err_count:
        raise Unreadable("Records are longer than they say: their articles may be cut off.")
    if not number:
        raise Unreadable("It holds no record.")


def _name_of(record: ArcWarcRecord) -> str:
    """A page's address; for other records, what they are and their address."""
    address = UNUSABLE.sub("", record.rec_headers.get_header("WARC-Target-URI") or "")
    kind = _status(record) if record.rec_type == "response" else record.rec_type or "?"
    return address if kind == "200" else f"{kind} {address}".strip()


def _status(record: ArcWarcRecord) -> str:
    return str(record.http_headers.get_statuscode()) if record.http_headers else ""


def _outcome(record: ArcWarcRecord, place: str) -> Outcome:
    try:
        found = _article(record)
    except _LeftOut as reason:
        return Skipped(place, str(reason))
    except (Unreadable, Refused) as error:
        return Failure(place, str(error))
    notes = ("The archive holds only a part of this page.",) if _is_part(record) else ()
    return replace(found, location=place, notes=notes)


def _is_part(record: ArcWarcRecord) -> bool:
    return record.rec_headers.get_header("WARC-Truncated") is not None


def _article(record: ArcWarcRecord) -> Document:
    """The article in a record.

    Raises:
        _LeftOut: It is not a page.
        Unreadable: It is damaged, or holds no text.
        Refused: Its address is malformed.
    """
    if not record.rec_type:
        raise Unreadable("The record does not say its type. Save the page again.")
    if record.rec_type != "response":
        raise _LeftOut(f"Records of the type {record.rec_type} are not pages.")
    if not str(record.rec_headers.get_header("Content-Length")).strip().isdigit():
        raise Unreadable("The record does not say its length. Save the page again.")
    status = _status(record)
    if status != "200":
        where = "It redirects to another page." if status.startswith("3") else ""
        raise _LeftOut(where or f"The server answered {status or 'nothing'} instead of a page.")
    header = Message()
    header["Content-Type"] = record.http_headers.get_header("Content-Type") or ""
    media_type = str(header["Content-Type"]).partition(";")[0].strip().lower()
    url = parse_address(record.rec_headers.get_header("WARC-Target-URI"))
    if url.path == "/robots.txt":
        raise _LeftOut("A robots.txt is for crawlers: it is not a page.")
    if media_type not in (*PAGES, *UNTOLD):
        raise _LeftOut(f"Files of the type {media_type} are not pages.")
    body = _body(record)
    if media_type in UNTOLD and kind_of(body[:HEAD_BYTES], "") not in ("html", "pdf"):
        raise _LeftOut("The server did not say what it is, and it is not a page.")
    page = Page(url, body, media_type, header.get_content_charset())
    return document_of(page, Entry(str(url)), extract(page))


def _body(record: ArcWarcRecord) -> bytes:
    """What the server sent, put together and unpacked.

    Raises:
        Unreadable: It is cut off, damaged or too large, or packed in a way that is not known.
    """
    data = read_at_most(record.raw_stream, MOST_DOCUMENT)
    if len(data) < record.payload_length:
        raise Unreadable(CUT)
    headers = record.http_headers
    if "chunked" in (headers.get_header("Transfer-Encoding") or "").lower() and CHUNK.match(data):
        stream = ChunkedDataReader(io.BytesIO(data), raise_exceptions=True)
        try:
            data = read_at_most(stream, MOST_DOCUMENT)
        except ChunkedDataException as error:
            raise Unreadable(CUT) from error
    packing = packing_of(headers.get_header("Content-Encoding"))
    if not packing:
        return data
    if packing not in UNPACKERS:
        raise Unreadable(
            f"The content encoding {packing[:40]!r} is not read. Save the page as .html."
        )
    return _unpacked(data, packing)


def _unpacked(data: bytes, packing: str) -> bytes:
    """The bytes of a body, also of one that its crawler had unpacked without changing the header.

    Raises:
        Unreadable: They are cut off, damaged, or too many.
    """
    try:
        return unpack(data, packing, partial(join_at_most, most=MOST_DOCUMENT))
    except NotUnpacked:
        if kind_of(data[:HEAD_BYTES], "") in (None, "archive"):
            try:
                decode(data)
            except NotText as error:
                raise Unreadable(CUT) from error
        return data

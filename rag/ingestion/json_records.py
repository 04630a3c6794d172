"""Lists of articles in JSON and JSON Lines, plain or packed with gzip."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple, cast

from rag.ingestion.decoding import Decoded, NotText, decode
from rag.ingestion.fields import known_fields
from rag.ingestion.limits import (
    MOST_LIST,
    MOST_TEXT,
    Unreadable,
    read_at_most,
    too_large,
)

LINE_KINDS = (".jsonl", ".ndjson")
FIELDS = "title, author, source, published_at, category, url and body"


class Record(NamedTuple):
    """One entry of a list, counted from 1; a ``problem`` says why there are no fields."""

    number: int
    fields: Mapping[str, Any] | None = None
    problem: str = ""


def read_records(
    stream: BinaryIO, name: str, encoding: str | None = None, note: Callable[[str], object] = str
) -> Iterator[Record]:
    """The entries of a list, one by one; the bad ones among them with their problem.

    Args:
        stream: The file.
        name: Its name, of which the ending counts.
        encoding: Without it, it is found.
        note: Called with what had to be guessed.

    Raises:
        Unreadable: The file as a whole is not a list of articles.
    """
    if name.lower().endswith(".gz"):
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    try:
        lines = name.lower().removesuffix(".gz").endswith(LINE_KINDS)
        if lines and not encoding and _has_lines(stream):
            yield from _records_of_lines(stream)
        else:
            text, guessed = _decoded(read_at_most(stream, MOST_LIST), encoding)
            if guessed:
                note(guessed)
            yield from _records_of_text(text)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable("The packed file is damaged or cut off. Pack it again.") from error


def _has_lines(stream: BinaryIO) -> bool:
    """Whether the file holds an object a line, not a list in spite of its name, nor UTF-16."""
    start = stream.read(256)
    stream.seek(0)
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"\xff", b"\xfe")


def _records_of_lines(stream: BinaryIO) -> Iterator[Record]:
    number = size = 0
    while line := stream.readline(MOST_TEXT + 1):
        size += len(line)
        if size > MOST_LIST:
            raise Unreadable(too_large(MOST_LIST))
        if len(line) > MOST_TEXT:
            raise Unreadable(f"Line {number + 1} is too long. {too_large(MOST_TEXT)}")
        if not line.strip(b"\xef\xbb\xbf \t\r\n"):
            continue
        number += 1
        try:
            yield _record(number, _parsed(line.decode("utf-8-sig")))
        except UnicodeDecodeError:
            yield Record(number, problem="It is not in UTF-8.")
        except BadJSON as error:
            yield Record(number, problem=str(error))
    if not number:
        raise Unreadable("The file is empty.")


def _records_of_text(text: str) -> Iterator[Record]:
    if not text.strip():
        raise Unreadable("The file is empty.")
    try:
        entries = _parsed(text)
    except BadJSON as error:
        if not error.more_follows:
            raise Unreadable(f"{error} Expected a list of objects with {FIELDS}.") from error
        # An object a line, under the name of a list.
        lines = [line for line in text.split("\n") if line.strip()]
        number = 0
        for line in lines:
            try:
                for value in _values(line):
                    number += 1
                    yield _record(number, value)
            except BadJSON as line_error:
                number += 1
                yield Record(number, problem=str(line_error))
        return
    if isinstance(entries, dict):
        entries = _list_inside(entries) or [entries]
    if not isinstance(entries, list) or not entries:
        raise Unreadable(f"It holds no article. Expected a list of objects with {FIELDS}.")
    for number, entry in enumerate(entries, start=1):
        yield _record(number, entry)


def _list_inside(entry: Mapping[str, Any], depth: int = 2) -> list[object] | None:
    """The list of articles inside an object that wraps it, such as the reply of a server."""
    lists = [v for v in entry.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    if len(lists) > 1:
        lists = [each for each in lists if known_fields(each[0]).body]
    if known_fields(entry).body or len(lists) > 1:
        return None
    if lists:
        return lists[0]
    inner = [value for value in entry.values() if isinstance(value, dict)] if depth else []
    found = [each for value in inner if (each := _list_inside(value, depth - 1))]
    return found[0] if len(found) == 1 else None


def _record(number: int, entry: object) -> Record:
    if not isinstance(entry, dict):
        return Record(number, problem=f"It is not an object with {FIELDS}.")
    return Record(number, entry)


class BadJSON(ValueError):
    """Text is not JSON; ``more_follows`` if it begins with a complete value."""

    def __init__(self, message: str, *, more_follows: bool = False) -> None:
        self.more_follows = more_follows
        super().__init__(message)


def _parsed(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_nothing)
    except RecursionError as error:
        raise BadJSON("Its brackets are nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise BadJSON(
            f"It is not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}.",
            more_follows=error.msg == "Extra data" and text.lstrip()[:1] == "{",
        ) from error
    except ValueError as error:
        # Python refuses whole numbers of more than some thousand digits.
        raise BadJSON("It is not valid JSON: a number cannot be read.") from error


def _nothing(name: str) -> None:
    """NaN and Infinity, which some programs write where there is no value."""


def _values(line: str) -> Iterator[object]:
    """The values on a line, one after the other."""
    while line:
        try:
            yield _parsed(line)
            return
        except BadJSON as error:
            if not error.more_follows:
                raise
        value, end = json.JSONDecoder().raw_decode(line)
        yield value
        line = line[end:].lstrip()


def _decoded(data: bytes, encoding: str | None) -> Decoded:
    try:
        return decode(data, encoding)
    except NotText as error:
        raise Unreadable(str(error)) from error

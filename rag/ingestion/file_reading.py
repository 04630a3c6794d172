"""Reads one file: tells its kind, takes containers apart, and makes articles of the rest."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rag.ingestion.articles import article_from_fields, article_of, build_article, fields_of
from rag.ingestion.cleaning import clean, clean_paragraphs
from rag.ingestion.decoding import NotText, decode
from rag.ingestion.documents import Document, Outcome, distinct
from rag.ingestion.fields import ReadOptions, decoded_entities, known_fields
from rag.ingestion.formats import READERS
from rag.ingestion.formats.containers import CONTAINERS, document_in, members
from rag.ingestion.formats.tables import write_barred_tables
from rag.ingestion.json_records import read_records
from rag.ingestion.kinds import (
    HEAD_BYTES,
    PLAIN,
    head_of,
    is_refused,
    kind_of,
    why_not_read,
)
from rag.ingestion.limits import (
    MOST_DOCUMENT,
    MOST_LIST,
    MOST_TEXT,
    Unreadable,
    check_size,
    read_at_most,
    unchanged,
    why_not,
)
from rag.ingestion.markdown import FrontMatterError, plain_text, split_front_matter
from rag.ingestion.normalization import tidy
from rag.receipts import Failure, Skipped
from rag.types import Article

# A zip in a zip in a zip is somebody's trap.
DEEPEST = 2
EMPTY = "The file is empty."


class _Content(NamedTuple):
    """A file's bytes and what they are; of a file within a file, ``path`` is its name there."""

    data: bytes
    kind: str
    path: Path
    options: ReadOptions


def read_file(path: Path, options: ReadOptions) -> Iterator[Outcome]:
    """What one file holds."""
    try:
        check_size(path, MOST_LIST)
        kind = kind_of(head_of(path), path.name)
        if kind == "records":
            with path.open("rb") as stream, unchanged(stream):
                yield from _read_list(stream, path.name, str(path), options)
        elif kind is None:
            raise Unreadable(why_not_read(path.name, head_of(path)))
        else:
            most = MOST_TEXT if kind in (*PLAIN, "html", "csv") else MOST_DOCUMENT
            check_size(path, most)
            with path.open("rb") as stream, unchanged(stream):
                data = read_at_most(stream, most)
            yield from _articles(_Content(data, kind, path, options), str(path))
    except OSError as error:
        yield Failure(str(path), why_not(error))
    except Unreadable as error:
        yield Failure(str(path), str(error))


def _articles(content: _Content, location: str, level: int = 0) -> Iterator[Outcome]:
    """The articles in a file, and in the files that it holds."""
    if not content.data:
        raise Unreadable(EMPTY)
    if content.kind == "warc":
        # It imports what fetches pages and takes archives apart, which no other file needs.
        from rag.ingestion.web_archives import read_web_archive

        yield from read_web_archive(content.data, location)
    elif content.kind == "archive" and (kind := document_in(content.data)):
        yield _document(content._replace(kind=kind), location)
    elif content.kind not in CONTAINERS:
        yield _document(content, location)
    elif content.kind == "email":
        yield from _message(content, location, level)
    elif level >= DEEPEST:
        raise Unreadable("Archives in archives are not unpacked any further.")
    else:
        found = _members(content, location, level)
        first = next(found, None)
        if first is None:
            raise Unreadable("It holds no file.")
        yield first
        yield from found


def _message(content: _Content, location: str, level: int) -> Iterator[Outcome]:
    """A message and its attachments; a message that has some may be empty."""
    attached = _members(content, location, level)
    first = next(attached, None)
    try:
        yield _document(content, location)
    except Unreadable:
        if first is None:
            raise
    if first is not None:
        yield first
        yield from attached


def _members(content: _Content, location: str, level: int) -> Iterator[Outcome]:
    """The articles in the files that a file holds."""
    names: Counter[str] = Counter()
    for member in members(content.kind, content.data, content.path.name):
        place = f"{location}#{distinct(member.name, names)}"
        kind = kind_of(member.data[:HEAD_BYTES], member.name)
        inner = _Content(member.data, kind or "", Path(member.name), content.options)
        try:
            if member.problem:
                raise Unreadable(member.problem)
            if kind == "records":
                stream = io.BytesIO(member.data)
                yield from _read_list(stream, inner.path.name, place, inner.options)
            elif kind:
                yield from _articles(inner, place, level + 1)
            elif is_refused(member.name):
                raise Unreadable(why_not_read(member.name))
            else:
                yield Skipped(place, why_not_read(member.name))
        except Unreadable as error:
            yield Failure(place, str(error))


def _document(content: _Content, location: str) -> Document:
    path, options = content.path, content.options
    if content.kind in READERS:
        extracted = READERS[content.kind](content.data)
        return Document(location, article_of(extracted, origin=path.name, stem=path.stem))
    try:
        text, note = decode(content.data, options.encoding)
    except NotText as error:
        raise Unreadable(str(error)) from error
    if not text.strip():
        raise Unreadable(EMPTY)
    notes = (note,) if note else ()
    if content.kind == "markdown":
        return _from_markdown(text, path, location, options.mapping, notes)
    return Document(location, _from_text(text, path), notes)


def _from_text(text: str, path: Path) -> Article:
    return build_article(
        clean(write_barred_tables(decoded_entities(text))), {}, origin=path.name, stem=path.stem
    )


def _from_markdown(
    text: str, path: Path, location: str, mapping: Mapping[str, str], notes: tuple[str, ...]
) -> Document:
    try:
        page = split_front_matter(text)
        fields = known_fields(page.values, mapping)
        body = plain_text(page.body)
    except FrontMatterError as error:
        raise Unreadable(str(error)) from error
    except RecursionError as error:
        raise Unreadable("Its quotations or lists are nested too deeply.") from error
    paragraphs = [tidied for paragraph in body.paragraphs if (tidied := tidy(paragraph))]
    cleaned = clean_paragraphs(paragraphs, title=fields.facts.get("title") or body.title)
    origin = fields.facts.get("origin") or path.name
    article = build_article(cleaned, fields.facts, origin=origin, stem=path.stem)
    return Document(location, article, (*notes, *fields.notes), fields.slashed_day)


def _read_list(
    stream: BinaryIO, file: str, location: str, options: ReadOptions
) -> Iterator[Document | Failure]:
    seen: Counter[str] = Counter()
    notes: list[str] = []
    told: set[str] = set()
    for record in read_records(stream, file, options.encoding, notes.append):
        try:
            if record.fields is None:
                raise Unreadable(record.problem)
            fields = fields_of(record.fields, options.mapping)
            article = article_from_fields(fields, f"{file}#{record.number}")
        except Unreadable as error:
            yield Failure(f"{location}#{record.number}", f"Record {record.number}: {error}")
            continue
        name = distinct(article.source.url or article.source.title, seen)
        # The records of a list are alike: a note on one need not be repeated for all.
        notes += [note for note in fields.notes if note not in told]
        told.update(notes)
        yield Document(f"{location}#{name}", article, tuple(notes), fields.slashed_day)
        notes.clear()

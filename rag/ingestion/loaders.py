"""Loads articles from files and folders; what cannot be read becomes a `Failure`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ArticleError
from rag.ingestion.articles import article_of, build_article, web_address
from rag.ingestion.cleaning import clean, clean_paragraphs
from rag.ingestion.decoding import NotText, decode
from rag.ingestion.formats.html import is_html, read_html
from rag.ingestion.formats.pdf import read_pdf
from rag.ingestion.front_matter import FrontMatterError, split_front_matter, yes_or_no
from rag.ingestion.json_records import Record, read_records
from rag.ingestion.limits import (
    MOST_TEXT,
    NOT_PLAIN,
    Unreadable,
    check_size,
    read_at_most,
    too_large,
    why_not,
)
from rag.ingestion.markdown import plain_text
from rag.ingestion.normalization import SURROGATE, tidy
from rag.types import Article, Failure, Skipped

MARKDOWN = (".md", ".markdown")
TEXT = (".txt",)
HTML = (".html", ".htm", ".xhtml", ".xht")
PDF = (".pdf",)
LISTS = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
KINDS = (
    "web pages (.html), PDF (.pdf), Markdown (.md), text (.txt), and JSON lists of articles"
    " (.json, .jsonl, .ndjson, also .gz)"
)

# Documents that are not supported yet: skipping them silently would lose articles.
DOCUMENTS = {
    **dict.fromkeys(
        (".doc", ".docx", ".odt", ".rtf", ".epub", ".mobi", ".pages", ".ppt", ".pptx"),
        "Save its text as .txt or .md and ingest that.",
    ),
    **dict.fromkeys(
        (".mhtml", ".xml", ".rst", ".adoc", ".tex", ".org"),
        "Save its text as .txt or .md and ingest that.",
    ),
    **dict.fromkeys(
        (".csv", ".tsv", ".xls", ".xlsx", ".ods", ".parquet"),
        "Turn its rows into JSON lines, one article each, and ingest those.",
    ),
    **dict.fromkeys(
        (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"),
        "Unpack it first, and ingest what is inside.",
    ),
}
HIDDEN = "Hidden files and folders are not read."
LOCK_FILE = "This is the lock file of an open document."
LINKED_FOLDER = "Linked folders are not entered. Name the folder itself to read it."
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """An article and the place it was read from, which is stable and unique.

    ``location`` is the absolute path; in lists, the path, "#", and the url or title. ``notes`` say
    what had to be guessed or was not understood.
    """

    location: str
    article: Article
    notes: tuple[str, ...] = ()


Outcome = Document | Failure | Skipped


def read(path: str | Path, encoding: str | None = None) -> Iterator[Outcome]:
    """Yields the articles of a file or folder, and all that was not read, each with the reason.

    Folders are walked in order of names. Hidden files, editors' lock files, linked folders and
    files that are no articles are skipped. One bad file never stops the others.

    Args:
        path: A file or folder.
        encoding: Of Markdown, texts and JSON; without it, it is found.

    Raises:
        ArticleError: The path is empty, or nothing is there. Raised by the call itself.
    """
    name = str(path)
    if not name.strip():
        raise ArticleError(repr(name), "The path is empty. Name a file or a folder.")
    if ADDRESS.match(name):
        reason = "Addresses are not read yet. Save the article's text to a file and ingest that."
        return iter((Failure(name, reason),))
    place = Path(os.path.abspath(name)) if "\0" not in name else Path(os.devnull) / "nothing"
    try:
        place.stat()
    except OSError as error:
        if isinstance(error, PermissionError):
            return iter((Failure(name, why_not(error)),))
        raise ArticleError(name, "There is no such file or folder. Check the path.") from error
    return _read_folder(place, encoding) if place.is_dir() else _read_file(place, encoding)


def _read_folder(folder: Path, encoding: str | None) -> Iterator[Outcome]:
    empty = True
    for item in _walk(folder):
        outcomes = _read_file(item, encoding) if isinstance(item, Path) else iter((item,))
        for outcome in outcomes:
            empty = empty and isinstance(outcome, Skipped)
            yield outcome
    if empty:
        yield Failure(str(folder), f"The folder holds no file that can be read: {KINDS}.")


def _walk(folder: Path) -> Iterator[Path | Failure | Skipped]:
    """Files worth reading, the folder's own before those of its subfolders, by name."""
    failures: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=failures.append):
        for name in sorted([*names, *folders]):
            path = Path(root, name)
            reason = _why_skipped(path, is_folder=name in folders)
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
    """Why something in a folder is no article; empty if it may be one."""
    name = path.name.lower()
    if name.startswith("."):
        return HIDDEN
    if is_folder:
        return LINKED_FOLDER if path.is_symlink() else ""
    if name.startswith("~$"):
        return LOCK_FILE
    if not (path.is_file() or path.is_symlink()):
        return NOT_PLAIN
    known = name.endswith((*MARKDOWN, *TEXT, *HTML, *PDF, *LISTS, *DOCUMENTS))
    return "" if known else _unknown_kind(path)


def _read_file(path: Path, encoding: str | None) -> Iterator[Document | Failure]:
    name = path.name.lower()
    try:
        if SURROGATE.search(str(path)):
            raise Unreadable("The file's name is not valid text. Rename it.")
        if name.endswith(LISTS):
            yield from _read_list(path, encoding)
        elif name.endswith((*MARKDOWN, *TEXT, *HTML, *PDF)):
            yield _read_article(path, encoding)
        else:
            check_size(path, MOST_TEXT**2)
            raise Unreadable(_unknown_kind(path))
    except Unreadable as error:
        yield Failure(_printable(path), str(error))


def _printable(path: Path) -> str:
    return SURROGATE.sub("?", str(path))


def _unknown_kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind in DOCUMENTS:
        return f"Files of the kind {kind} are not read yet. {DOCUMENTS[kind]}"
    named = f"Files of the kind {kind}" if kind else "Files without an ending"
    return f"{named} are not read. Footnote reads {KINDS}."


def _read_article(path: Path, encoding: str | None) -> Document:
    """The one article of a page, a text or a file of Markdown."""
    check_size(path, MOST_TEXT)
    name = path.name.lower()
    try:
        with path.open("rb") as stream:
            data = read_at_most(stream, MOST_TEXT)
        if name.endswith(PDF):
            article = article_of(read_pdf(data), origin=path.name, stem=path.stem)
            return Document(str(path), article)
        if name.endswith(HTML) or is_html(data):
            article = article_of(read_html(data), origin=path.name, stem=path.stem)
            return Document(str(path), article)
        text, note = decode(data, encoding)
    except OSError as error:
        raise Unreadable(why_not(error)) from error
    except NotText as error:
        raise Unreadable(str(error)) from error
    if not text.strip():
        raise Unreadable("The file is empty.")
    article = (_from_markdown if name.endswith(MARKDOWN) else _from_text)(text, path)
    return Document(str(path), article, (note,) if note else ())


def _from_text(text: str, path: Path) -> Article:
    return build_article(clean(text), {}, origin=path.name, stem=path.stem)


def _from_markdown(text: str, path: Path) -> Article:
    try:
        page = split_front_matter(text)
        body = plain_text(page.body)
    except FrontMatterError as error:
        raise Unreadable(str(error)) from error
    except RecursionError as error:
        raise Unreadable("Its quotations or lists are nested too deeply.") from error
    paragraphs = [tidied for paragraph in body.paragraphs if (tidied := tidy(paragraph))]
    cleaned = clean_paragraphs(paragraphs, title=page.fields.get("title") or body.title)
    origin = page.fields.get("origin") or path.name
    return build_article(cleaned, page.fields, origin=origin, stem=path.stem)


def _read_list(path: Path, encoding: str | None) -> Iterator[Document | Failure]:
    seen: dict[str, int] = {}
    notes: list[str] = []
    for record in read_records(path, encoding, notes.append):
        try:
            article = _from_record(record, path)
        except Unreadable as error:
            yield Failure(f"{path}#{record.number}", f"Record {record.number}: {error}")
            continue
        name = article.source.url or article.source.title
        seen[name] = seen.get(name, 0) + 1
        count = f" ({seen[name]})" if seen[name] > 1 else ""
        yield Document(f"{path}#{name}{count}", article, tuple(notes))
        notes.clear()


def _from_record(record: Record, path: Path) -> Article:
    if record.fields is None:
        raise Unreadable(record.problem)
    body = record.fields.get("body") or record.fields.get("text")
    if not isinstance(body, str) or not body.strip():
        raise Unreadable("It has no text under 'body'.")
    if len(body) > MOST_TEXT:
        raise Unreadable(too_large(MOST_TEXT))
    fields = {
        "title": _line(record, "title"),
        "author": _line(record, "author"),
        "publisher": _line(record, "source") or _line(record, "publisher"),
        "published": _line(record, "published_at") or _line(record, "published"),
        "category": _line(record, "category"),
        "url": _line(record, "url"),
        "keep_local": str(record.fields.get("keep_local", "")),
    }
    if yes_or_no(fields["keep_local"]) is None:
        raise Unreadable("The value of 'keep_local' must be true or false.")
    cleaned = clean(body, title=fields["title"])
    origin = web_address(fields["url"]) or f"{path.name}#{record.number}"
    return build_article(cleaned, fields, origin=origin)


def _line(record: Record, key: str) -> str:
    """A field as one line of text; numbers are written out, lists of names joined."""
    value: Any = (record.fields or {}).get(key)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return tidy(str(value))

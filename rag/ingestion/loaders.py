"""Loads articles from files and folders; what cannot be read becomes a `Failure`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ArticleError
from rag.ingestion.articles import article_of, build_article, web_address
from rag.ingestion.cleaning import clean, clean_paragraphs
from rag.ingestion.decoding import NotText, decode
from rag.ingestion.fields import Fields, decoded_entities, known_fields
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
from rag.ingestion.markdown import html_lines, plain_text
from rag.ingestion.normalization import SURROGATE, tidy
from rag.ingestion.options import ReadOptions
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
# What no text but HTML holds.
MARKUP = re.compile(r"</?(?:p|div|br|ul|ol|li|h[1-6]|span|strong|em|b|i|a|table)\b[^<>]*>", re.I)
AS_FOUND = ReadOptions()


@dataclass(frozen=True, slots=True)
class Document:
    """An article and the place it was read from, which is stable and unique.

    ``location`` is the absolute path; in lists, the path, "#", and the url or title. ``notes`` say
    what had to be guessed or was not understood. ``slashed_day`` is a date in figures, such as
    05/03/2024, whose order only the other files may show.
    """

    location: str
    article: Article
    notes: tuple[str, ...] = ()
    slashed_day: str = ""


Outcome = Document | Failure | Skipped


def read(path: str | Path, options: ReadOptions = AS_FOUND) -> Iterator[Outcome]:
    """Yields the articles of a file or folder, and all that was not read, each with the reason.

    Folders are walked in order of names. Hidden files, editors' lock files, linked folders and
    files that are no articles are skipped. One bad file never stops the others.

    Args:
        path: A file or folder.
        options: What is known about the files beforehand.

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
    return _read_folder(place, options) if place.is_dir() else _read_file(place, options)


def _read_folder(folder: Path, options: ReadOptions) -> Iterator[Outcome]:
    empty = True
    for item in _walk(folder):
        outcomes = _read_file(item, options) if isinstance(item, Path) else iter((item,))
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


def _read_file(path: Path, options: ReadOptions) -> Iterator[Document | Failure]:
    name = path.name.lower()
    try:
        if SURROGATE.search(str(path)):
            raise Unreadable("The file's name is not valid text. Rename it.")
        if name.endswith(LISTS):
            yield from _read_list(path, options)
        elif name.endswith((*MARKDOWN, *TEXT, *HTML, *PDF)):
            yield _read_article(path, options)
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


def _read_article(path: Path, options: ReadOptions) -> Document:
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
        text, note = decode(data, options.encoding)
    except OSError as error:
        raise Unreadable(why_not(error)) from error
    except NotText as error:
        raise Unreadable(str(error)) from error
    if not text.strip():
        raise Unreadable("The file is empty.")
    notes = (note,) if note else ()
    if name.endswith(MARKDOWN):
        return _from_markdown(text, path, options.mapping, notes)
    return Document(str(path), _from_text(text, path), notes)


def _from_text(text: str, path: Path) -> Article:
    return build_article(clean(decoded_entities(text)), {}, origin=path.name, stem=path.stem)


def _from_markdown(
    text: str, path: Path, mapping: Mapping[str, str], notes: tuple[str, ...]
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
    return Document(str(path), article, (*notes, *fields.notes), fields.slashed_day)


def _read_list(path: Path, options: ReadOptions) -> Iterator[Document | Failure]:
    seen: dict[str, int] = {}
    notes: list[str] = []
    told: set[str] = set()
    for record in read_records(path, options.encoding, notes.append):
        try:
            fields = _fields_of(record, options.mapping)
            article = _from_fields(fields, f"{path.name}#{record.number}")
        except Unreadable as error:
            yield Failure(f"{path}#{record.number}", f"Record {record.number}: {error}")
            continue
        name = article.source.url or article.source.title
        seen[name] = seen.get(name, 0) + 1
        count = f" ({seen[name]})" if seen[name] > 1 else ""
        # The records of a list are alike: what is said of one need not be said of all.
        notes += [note for note in fields.notes if note not in told]
        told.update(notes)
        yield Document(f"{path}#{name}{count}", article, tuple(notes), fields.slashed_day)
        notes.clear()


def _fields_of(record: Record, mapping: Mapping[str, str]) -> Fields:
    if record.fields is None:
        raise Unreadable(record.problem)
    fields = known_fields(record.fields, mapping)
    if not fields.body.strip():
        names = ", ".join(map(str, record.fields)) or "none"
        raise Unreadable(
            f"It has no text under 'body', but these: {names}. Use --map body=NAME to say which."
        )
    if len(fields.body) > MOST_TEXT:
        raise Unreadable(too_large(MOST_TEXT))
    if yes_or_no(fields.facts.get("keep_local", "")) is None:
        raise Unreadable("The value of 'keep_local' must be true or false.")
    return fields


def _from_fields(fields: Fields, place: str) -> Article:
    """The article of a record; its text may be HTML."""
    body = fields.body
    if MARKUP.search(body):
        body = "\n\n".join(html_lines(body))
    cleaned = clean(decoded_entities(body), title=fields.facts.get("title"))
    origin = web_address(fields.facts.get("url")) or place
    return build_article(cleaned, fields.facts, origin=origin)

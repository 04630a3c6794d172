"""Reads EPUB books: the chapters in the order of the spine, by the reader of HTML."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from rag.ingestion.documents import Extracted, FactName, PartStart
from rag.ingestion.formats.containers import entry, opened, xml
from rag.ingestion.formats.html import read_whole
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy
from rag.types import Fact

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
ANY = "{*}"
FONTS = ("font", ".otf", ".ttf", ".woff")
LONGEST_LABEL = 80
SOURCE = "EPUB metadata"
TAGS: tuple[tuple[FactName, str], ...] = (
    *(("title", "title"), ("author", "creator"), ("publisher", "publisher")),
    *(("published", "date"), ("language", "language")),
)


def read_epub(data: bytes) -> Extracted:
    """The text of a book, with where its chapters begin.

    Raises:
        Unreadable: It is damaged or protected against reading, or holds no text.
    """
    with opened(data) as package:
        _refuse_protected(package)
        roots = xml(entry(package, CONTAINER)).iter(f"{ANY}rootfile")
        book = next((root.get("full-path") for root in roots), None)
        if not book:
            raise Unreadable("The book is damaged: it does not name its contents.")
        contents = xml(entry(package, book))
        paragraphs: list[str] = []
        parts: list[PartStart] = []
        for name in _chapters(contents, posixpath.dirname(book)):
            try:
                chapter = read_whole(entry(package, name))
            except Unreadable:
                continue  # a cover, or a page of pictures
            if label := _label(chapter):
                parts.append(PartStart(label, len(paragraphs)))
            paragraphs += chapter.paragraphs
    if not paragraphs:
        raise Unreadable("The book holds no text.")
    return Extracted(tuple(paragraphs), _facts(contents), tuple(parts), has_furniture=False)


def _refuse_protected(package: ZipFile) -> None:
    if ENCRYPTION not in package.namelist():
        return
    for reference in xml(entry(package, ENCRYPTION)).iter(f"{ANY}CipherReference"):
        if not any(sign in reference.get("URI", "").lower() for sign in FONTS):
            raise Unreadable("The book is protected against reading (DRM).")


def _chapters(contents: etree._Element, folder: str) -> Iterator[str]:
    """Names of the chapters in the package, in reading order."""
    items = {item.get("id"): item.get("href", "") for item in contents.iter(f"{ANY}item")}
    for reference in contents.iter(f"{ANY}itemref"):
        if href := items.get(reference.get("idref")):
            yield posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _label(chapter: Extracted) -> str:
    """The chapter's heading, or its title."""
    title = chapter.facts.get("title")
    first = chapter.paragraphs[0]
    label = title.value if title else first
    return label if len(label) <= LONGEST_LABEL else ""


def _facts(contents: etree._Element) -> dict[FactName, Fact]:
    facts: dict[FactName, Fact] = {}
    for name, tag in TAGS:
        found = [tidy(item.text or "") for item in contents.iter(f"{ANY}{tag}")]
        texts = [text for text in found if text]
        if texts:
            facts[name] = Fact(", ".join(texts) if name == "author" else texts[0], SOURCE)
    return facts

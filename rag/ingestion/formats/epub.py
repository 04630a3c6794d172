"""Reads EPUB books: the chapters in the order of the spine, by the reader of HTML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree
from lxml.html import HtmlElement

from rag.ingestion.dates import day_of
from rag.ingestion.documents import Extracted, FactName, PartStart
from rag.ingestion.formats.containers import entry, opened, xml
from rag.ingestion.formats.html import read_whole
from rag.ingestion.formats.html_facts import FIRST_YEAR, checked
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy
from rag.types import Fact

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
ANY = "{*}"
FONTS = ("font", ".otf", ".ttf", ".woff")
LONGEST_LABEL = 80
NCX = "application/x-dtbncx+xml"
NAV_TYPE = "{http://www.idpf.org/2007/ops}type"
# Of a date: what happened then. These happened to the file.
EVENT, OF_FILE = "{http://www.idpf.org/2007/opf}event", ("modification", "creation", "conversion")
# Stands where a chapter begins within a file.
MARK, MARKED = "\ue000{}\ue001", re.compile("\ue000(\\d+)\ue001")
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
        folder = posixpath.dirname(book)
        contents_page, names = _table_of_contents(package, contents, folder)
        paragraphs: list[str] = []
        parts: list[PartStart] = []
        for name in _chapters(contents, folder):
            if name == contents_page:
                continue
            try:
                found = _chapter(entry(package, name), names.get(name, {}), bool(names))
            except Unreadable:
                continue  # a cover, or a page of pictures
            parts += (
                part._replace(paragraph=part.paragraph + len(paragraphs)) for part in found[1]
            )
            paragraphs += found[0]
    if not paragraphs:
        raise Unreadable("The book holds no text.")
    return Extracted(tuple(paragraphs), _facts(contents), tuple(parts), has_furniture=False)


# Labels by where in a file they begin; the empty place is its beginning.
Labels = Mapping[str, str]


def _table_of_contents(
    package: ZipFile, contents: etree._Element, folder: str
) -> tuple[str, dict[str, dict[str, str]]]:
    """The page that is the table of contents, and the labels that it gives, by file."""
    items = list(contents.iter(f"{ANY}item"))
    page = next((item for item in items if "nav" in item.get("properties", "").split()), None)
    older = next((item for item in items if item.get("media-type") == NCX), None)
    places = [_path(folder, item.get("href", "")) for item in (page, older) if item is not None]
    found: dict[str, dict[str, str]] = {}
    for place in places:
        if not found and place in package.namelist():
            with suppress(Unreadable):
                for label, address in _entries(xml(entry(package, place))):
                    file, _, anchor = address.partition("#")
                    labels = found.setdefault(_path(posixpath.dirname(place), file), {})
                    labels.setdefault(unquote(anchor), tidy(label)[:LONGEST_LABEL])
    return "" if page is None else places[0], found


def _path(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(address)))


def _entries(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Label and address of each entry of a table of contents, of EPUB 2 or 3."""
    for point in root.iter(f"{ANY}navPoint"):
        target = point.find(f"{ANY}content")
        if target is not None:
            yield point.findtext(f"{ANY}navLabel/{ANY}text", ""), target.get("src", "")
    for nav in root.iter(f"{ANY}nav"):
        if "toc" in (nav.get(NAV_TYPE) or "toc"):
            for link in nav.iter(f"{ANY}a"):
                yield "".join(str(text) for text in link.itertext()), link.get("href", "")


def _chapter(data: bytes, labels: Labels, listed: bool) -> tuple[list[str], list[PartStart]]:
    """The paragraphs of a file, and the parts that begin in it.

    Args:
        data: The file.
        labels: Those of the table of contents.
        listed: Whether there is one: then a file that it leaves out may go on with a chapter.
    """
    anchors = [anchor for anchor in labels if anchor]

    def mark(tree: HtmlElement) -> None:
        for number, anchor in enumerate(anchors):
            for element in tree.xpath("//*[@id=$id or @name=$id]", id=anchor)[:1]:
                element.text = MARK.format(number) + (element.text or "")

    chapter = read_whole(data, change=mark)
    paragraphs: list[str] = []
    heading = chapter.facts.get("title")
    own = heading.value if heading else "" if listed else chapter.paragraphs[0]
    first = labels.get("") or ("" if labels or len(own) > LONGEST_LABEL else own)
    parts = [PartStart(first, 0)] if first else []
    for paragraph in chapter.paragraphs:
        begun = [labels[anchors[int(number)]] for number in MARKED.findall(paragraph)]
        parts += [PartStart(label, len(paragraphs)) for label in begun]
        if text := tidy(MARKED.sub("", paragraph)):
            paragraphs.append(text)
    return paragraphs, [part for part in parts if part.paragraph < len(paragraphs)]


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
            yield _path(folder, href.partition("#")[0])


def _facts(contents: etree._Element) -> dict[FactName, Fact]:
    facts: dict[FactName, Fact] = {}
    for name, tag in TAGS:
        found = [item for item in contents.iter(f"{ANY}{tag}") if item.get(EVENT) not in OF_FILE]
        texts = [text for item in found if (text := _fact(name, tidy(item.text or "")))]
        if texts:
            facts[name] = Fact(", ".join(texts) if name == "author" else texts[0], SOURCE)
    return facts


def _fact(name: FactName, value: str) -> str:
    if name != "published":
        return checked(name, value)
    day = day_of(value)
    return value if day and day.isoformat() > FIRST_YEAR else ""

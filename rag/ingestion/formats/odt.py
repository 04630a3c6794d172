"""Reads OpenDocument texts (.odt): they are written as HTML, which is read as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree, html
from lxml.html import HtmlElement

from rag.ingestion.documents import Extracted
from rag.ingestion.formats.containers import entry, opened, xml
from rag.ingestion.formats.document_facts import with_facts
from rag.ingestion.formats.html import read_whole
from rag.ingestion.limits import Unreadable

NAMES = {
    **{
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
        for name in ("office", "text", "table", "style", "meta")
    },
    "dc": "http://purl.org/dc/elements/1.1/",
}
TEXT, TABLE, OFFICE, STYLE = (f"{{{NAMES[name]}}}" for name in ("text", "table", "office", "style"))
# What is not part of the text as it is printed.
UNSHOWN = (
    *(f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}forms"),
    *(f"{TEXT}note-citation", f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph"),
)
SPACES = (f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break")
TAGS = {
    **{f"{TEXT}p": "p", f"{TEXT}h": "h2", f"{TEXT}list": "ul", f"{TEXT}list-item": "li"},
    **{f"{TABLE}table": "table", f"{TABLE}table-header-rows": "thead"},
    **{f"{TABLE}table-row": "tr", f"{TABLE}table-cell": "td"},
}
SPANS = (("colspan", "number-columns-spanned"), ("rowspan", "number-rows-spanned"))
REPEATED = f"{TABLE}number-columns-repeated"
MOST_REPEATED = 50
TITLE = "Title"
HIDDEN = f"{STYLE}text-properties[@{TEXT}display='none']"


def read_odt(data: bytes) -> Extracted:
    """The paragraphs, list items, table rows and notes of an OpenDocument text.

    Raises:
        Unreadable: It is damaged or encrypted, or holds no text.
    """
    with opened(data) as package:
        content = xml(entry(package, "content.xml"))
        styles = [
            style
            for root in (content, *_parts(package, "styles.xml"))
            for style in root.iter(f"{STYLE}style")
        ]
        properties = list(_parts(package, "meta.xml"))
    body = next(content.iter(f"{OFFICE}text"), None)
    if body is None:
        raise Unreadable("The document holds no text.")
    etree.strip_elements(body, *UNSHOWN, with_tail=False)
    notes = [note for note in body.iter(f"{TEXT}note-body")]
    page = html.Element("body")
    names = f"{STYLE}name"
    hidden = {style.get(names, "") for style in styles if style.find(HIDDEN) is not None}
    based = [style for style in styles if style.get(f"{STYLE}parent-style-name") == TITLE]
    writer = _Writer(hidden, {TITLE, *(style.get(names, "") for style in based)})
    writer.write(body, page)
    for note in notes:
        writer.write(note, page)
    said = [_said(properties, name) for name in ("dc:title", "meta:initial-creator")]
    return with_facts(read_whole(html.tostring(page, encoding="utf-8"), charset="utf-8"), *said)


def _parts(package: ZipFile, name: str) -> Iterator[etree._Element]:
    if name in package.namelist():
        yield xml(entry(package, name))


def _said(roots: list[etree._Element], name: str) -> str:
    return next((root.findtext(f".//{name}", "", NAMES) for root in roots), "")


class _Writer:
    """Writes elements of OpenDocument as those of HTML.

    Args:
        hidden: Names of the styles whose text is not shown.
        titles: Of those of the document's title.
    """

    def __init__(self, hidden: set[str], titles: set[str]) -> None:
        self._hidden, self._titles = hidden, titles

    def write(self, element: etree._Element, into: HtmlElement) -> None:
        """Writes what is in an element."""
        _add_text(into, element.text)
        for child in element:
            style = child.get(f"{TEXT}style-name")
            if child.tag in SPACES:
                _add_text(into, " ")
            elif isinstance(child.tag, str) and not self._is_apart(child, style):
                place = into
                if tag := TAGS.get(child.tag):
                    place = etree.SubElement(into, "h1" if style in self._titles else tag)
                    for name, said in SPANS:
                        place.set(name, child.get(TABLE + said, "1"))
                self.write(child, place)
                if tag == "td":
                    for _ in range(min(int(child.get(REPEATED, "1")), MOST_REPEATED) - 1):
                        self.write(child, etree.SubElement(into, tag))
            _add_text(into, child.tail)

    def _is_apart(self, element: etree._Element, style: str | None) -> bool:
        """Whether an element is written elsewhere, or not at all."""
        return (
            element.tag in (f"{TEXT}note", f"{TABLE}covered-table-cell")
            or style in self._hidden
            or element.get(f"{TEXT}display") == "none"
        )


def _add_text(into: HtmlElement, text: str | None) -> None:
    if not text:
        return
    if len(into):
        into[-1].tail = (into[-1].tail or "") + text
    else:
        into.text = (into.text or "") + text

"""Reads OpenDocument texts (.odt)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from rag.ingestion.documents import Extracted, FactName
from rag.ingestion.formats.packages import entry, opened, xml
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy
from rag.ingestion.tables import names_columns, row_lines
from rag.types import Fact

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
# What is not part of the text as it is printed.
UNSHOWN = (f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{TEXT}note", f"{OFFICE}forms")
SPACES = (f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break")


def read_odt(data: bytes) -> Extracted:
    """The paragraphs, list items and table rows of an OpenDocument text.

    Raises:
        Unreadable: It is damaged or encrypted, or holds no text.
    """
    with opened(data) as package:
        content = xml(entry(package, "content.xml"))
    etree.strip_elements(content, *UNSHOWN, with_tail=False)
    body = next(content.iter(f"{OFFICE}text"), None)
    found = [] if body is None else [line for line in _lines(body) if line]
    if not found:
        raise Unreadable("The document holds no text.")
    headings = [_text(heading) for heading in content.iter(f"{TEXT}h")]
    facts: dict[FactName, Fact] = {}
    if headings and headings[0]:
        facts["title"] = Fact(headings[0], "heading")
    return Extracted(tuple(found), facts, has_furniture=False)


def _lines(element: etree._Element) -> Iterator[str]:
    for child in element:
        if child.tag in (f"{TEXT}p", f"{TEXT}h"):
            yield _text(child)
        elif child.tag == f"{TABLE}table":
            rows = [
                [" ".join(_lines(cell)) for cell in row if cell.tag == f"{TABLE}table-cell"]
                for row in child.iter(f"{TABLE}table-row")
            ]
            header = next(child.iter(f"{TABLE}table-header-rows"), None) is not None
            yield from row_lines(rows, has_header=header or names_columns(rows))
        elif isinstance(child.tag, str):
            yield from _lines(child)


def _text(element: etree._Element) -> str:
    pieces = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            pieces.append(" " if node.tag in SPACES else node.text or "")
        elif node is not element:
            pieces.append(node.tail or "")
    return tidy("".join(pieces))

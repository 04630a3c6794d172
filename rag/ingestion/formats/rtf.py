"""Reads Rich Text Format (.rtf) by striprtf."""

from __future__ import annotations

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from rag.ingestion.documents import Extracted
from rag.ingestion.formats.document_facts import with_facts
from rag.ingestion.formats.tables import names_columns, row_lines
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import split_paragraphs, tidy

# Where a table's row begins, and where it and each of its cells end. The library writes bars and
# line ends for them, which texts hold too; signs that no text holds take their place.
ROW, CELL, END = "\x1c", "\x1d", "\x1e"
SIGNS = {"trowd": ROW, "cell": CELL, "nestcell": CELL, "row": END, "nestrow": END}
CONTROL = re.compile(r"(?<!\\)\\(trowd|nestcell|cell|nestrow|row)(?![a-z])")
# A group whose text is hidden.
HIDDEN = re.compile(r"\{(?:\\[a-z]+-?\d*\s?)*?\\v(?![a-z0-9])[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
SAID = r"\{{\\{} ([^{{}}]*)\}}"


def read_rtf(data: bytes) -> Extracted:
    """The paragraphs of an RTF file, and the rows of its tables with their header.

    Raises:
        Unreadable: It is damaged, or holds no text.
    """
    source = data.decode("latin-1")
    try:
        text: str = rtf_to_text(CONTROL.sub(_signed, HIDDEN.sub("", source)), errors="replace")
        said = [_said(source, name) for name in ("title", "author")]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Unreadable("The document is damaged. Save it again.") from error
    paragraphs = tuple(_paragraphs(text))
    if not paragraphs:
        raise Unreadable("The document holds no text.")
    return with_facts(Extracted(paragraphs), *said)


def _signed(control: re.Match[str]) -> str:
    """A control word with its sign before it."""
    return f"\\'{ord(SIGNS[control[1]]):02x}{control[0]}"


def _said(source: str, name: str) -> str:
    """A property of the document."""
    found = re.search(SAID.format(name), source)
    return rtf_to_text("{\\rtf1\\ansi " + found[1] + "}", errors="replace") if found else ""


def _paragraphs(text: str) -> Iterator[str]:
    rows: list[list[str]] = []
    for piece in text.split(END):
        before, sign, row = piece.partition(ROW)
        if not sign:
            before, row = piece, ""
        if before.strip():
            yield from _table(rows)
            rows = []
            yield from split_paragraphs("\n\n".join(before.split("\n")))
        if sign:
            cells = row.replace(ROW, "").split(CELL)[:-1]
            rows.append([tidy(cell.removeprefix("|")) for cell in cells])
    yield from _table(rows)


def _table(rows: list[list[str]]) -> Iterator[str]:
    """The rows of a table; the cells of one that has fewer or more have no names."""
    rows = [row for row in rows if any(row)]
    header = rows[0] if names_columns(rows) else []
    for row in rows[bool(header) :]:
        named = len(row) == len(header)
        yield from row_lines([header, row] if named else [row], has_header=named)

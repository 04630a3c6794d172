"""Writes the rows of tables as lines that can be read, and cited, alone.

A row carries its headers: of a table that is cut into passages, each row still says what its cells
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.ingestion.normalization import tidy

# A line of a table that is drawn with bars, and the rule below its header.
BARRED = re.compile(r"\s*\|.*\|\s*")
RULED = re.compile(r"[\s|:+=-]+")


def row_lines(rows: Sequence[Sequence[str]], *, has_header: bool) -> Iterator[str]:
    """Each row as "header: cell; header: cell"; empty cells are left out.

    Args:
        rows: The cells, the header's first.
        has_header: Whether the first row names the columns.
    """
    header = [tidy(cell) for cell in rows[0]] if has_header and rows else []
    if has_header and len(rows) == 1:
        yield "; ".join(cell for cell in header if cell)
    for row in rows[bool(header) :]:
        cells = []
        for column, cell in enumerate(map(tidy, row)):
            name = header[column].rstrip(" :") if column < len(header) else ""
            if cell:
                cells.append(f"{name}: {cell}" if name and name != cell else cell)
        if cells:
            yield "; ".join(cells)


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: words in cells that differ, and rows below."""
    if len(rows) < 2:
        return False
    first = [cell.strip() for cell in rows[0]]
    if len(set(first)) < len(first) or any(_is_number(cell) for cell in first if cell):
        return False
    return all(first) or any(_is_number(cell.strip()) for row in rows[1:] for cell in row)


def _is_number(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def write_barred_tables(text: str) -> str:
    """A text in which each row of a table drawn with bars is a paragraph with its header."""
    written: list[str] = []
    table: list[str] = []
    for line in [*text.split("\n"), ""]:
        if BARRED.fullmatch(line):
            table.append(line)
            continue
        written += _written(table) if len(table) > 1 else table
        table = []
        written.append(line)
    return "\n".join(written[:-1])


def _written(table: Sequence[str]) -> Iterator[str]:
    has_header = RULED.fullmatch(table[1]) is not None
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in table
        if not RULED.fullmatch(line)
    ]
    for line in row_lines(rows, has_header=has_header):
        yield from (line, "")

"""Reads tables in CSV and TSV, and writes the rows of any table as lines.

A line can be read, and cited, alone, as it carries its headers: of a table that is cut into
passages, each row still says what its cells are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from rag.ingestion.decoding import NotText, decode
from rag.ingestion.documents import Extracted, FactName
from rag.ingestion.limits import MEGABYTE, Unreadable
from rag.ingestion.normalization import tidy
from rag.types import Fact

# A line of a table that is drawn with bars, or pasted with its cells apart, and the rule below the
# header; rules may have corners.
BARRED = re.compile(r"\s*(?:\|.*\||\+[-=+:]*[-=][-=+:]*\+)\s*")
SEPARATED = re.compile(r"[^\t]+(?:\t[^\t]*)+|[^;]+(?:;[^;]*){2,}")
# Fewer lines with as many cells each may be prose.
FEWEST_SEPARATED = 3
RULED = re.compile(r"[\s|:+=-]+")


def row_lines(rows: Sequence[Sequence[str]], *, has_header: bool) -> Iterator[str]:
    """Each row as "header: cell; header: cell"; empty cells are left out.

    Without a header, rows of two cells are "property: value".

    Args:
        rows: The cells, the header's first.
        has_header: Whether the first row names the columns.
    """
    header = [tidy(cell) for cell in rows[0]] if has_header and rows else []
    if not any(header) and _are_properties(filled := [row for row in rows if any(row)]):
        yield from (f"{tidy(name).rstrip(' :')}: {tidy(value)}" for name, value in filled)
        return
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


def _are_properties(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row has two cells, of which the first is a name of its own."""
    if not all(len(row) == 2 and all(map(str.strip, row)) for row in rows):
        return False
    names = [name.strip() for name, _ in rows]
    return len(set(names)) == len(names) and not any(map(_is_number, names))


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: words in cells that differ, and rows below."""
    if len(rows) < 2:
        return False
    first = [cell.strip() for cell in rows[0]]
    if len(set(first)) < len(first) or any(_is_number(cell) for cell in first if cell):
        return False
    # An empty corner stands above the names of the rows.
    if not first[0] and all(first[1:]):
        return len(first) > 2 and all(row[0].strip() for row in rows[1:] if row)
    return all(first) or any(_is_number(cell.strip()) for row in rows[1:] for cell in row)


def _is_number(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def names_figures(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row surely names columns: three or more, one with figures below a word."""
    if len(rows[0]) < 3 or not names_columns(rows):
        return False
    return any(
        not _has_figure(rows[0][column])
        and all(_has_figure(row[column]) for row in rows[1:] if column < len(row) and row[column])
        for column in range(1, len(rows[0]))
    )


def _has_figure(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def write_barred_tables(text: str) -> str:
    """A text in which each row of a table of plain text is a paragraph with its header."""
    written: list[str] = []
    table: list[str] = []
    for line in [*text.split("\n"), ""]:
        shape = _shape(line)
        if table and shape != _shape(table[0]):
            written += _written(table)
            table = []
        (table if shape else written).append(line)
    return "\n".join(written[:-1])


def _shape(line: str) -> tuple[str, int] | None:
    """The sign between the cells of a line, and how often it is there; None if it is no row."""
    if BARRED.fullmatch(line):
        return "|", 0
    bare = line.strip(" ")
    sign = "\t" if "\t" in bare else ";"
    return (sign, bare.count(sign)) if SEPARATED.fullmatch(bare) else None


def _written(table: Sequence[str]) -> Iterator[str]:
    sign, _ = _shape(table[0]) or ("", 0)
    if len(table) < (2 if sign == "|" else FEWEST_SEPARATED):
        yield from table
        return
    rules = [RULED.fullmatch(line) is not None for line in table]
    first = rules.index(False) if False in rules else 0
    ruled = any(rules[first + 1 : first + 2])
    rows = [
        [cell.strip() for cell in line.strip(" ").strip("|").split(sign)]
        for line in table
        if not RULED.fullmatch(line)
    ]
    for line in row_lines(rows, has_header=ruled or names_figures(rows)):
        yield from (line, "")


DELIMITERS = ",;\t|"
SAMPLE = 16_384
LONGEST_CELL = MEGABYTE


def read_csv(data: bytes) -> Extracted:
    """The rows of a table, each with the names of its columns.

    Raises:
        Unreadable: It is not text, or has no rows.
    """
    try:
        text, _ = decode(data)
    except NotText as error:
        raise Unreadable(str(error)) from error
    csv.field_size_limit(LONGEST_CELL)
    try:
        # Only the delimiter is guessed: quotation marks are doubled everywhere.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        rows = [row for row in reader if any(row)]
    except csv.Error as error:
        raise Unreadable(f"It is not a valid table: {error}.") from error
    captions = _captions(rows)
    rows = rows[len(captions) :]
    lines = [*captions, *row_lines(rows, has_header=names_columns(rows))]
    if not lines:
        raise Unreadable("The table has no rows.")
    facts: dict[FactName, Fact] = {"title": Fact(captions[0], "caption")} if captions else {}
    return Extracted(tuple(lines), facts, has_furniture=False)


def _captions(rows: list[list[str]]) -> list[str]:
    """The lines above a table, of one cell each."""
    single = list(takewhile(lambda row: sum(map(bool, row)) == 1, rows))
    return [tidy("".join(row)) for row in single] if len(single) < len(rows) else []


def _delimiter(text: str) -> str:
    sample = text[:SAMPLE]
    try:
        found = csv.Sniffer().sniff(sample[: sample.rfind("\n") + 1] or sample, DELIMITERS)
        return found.delimiter
    except csv.Error:
        return ","

"""Writes the rows of tables as lines that can be read, and cited, alone.

A row carries its headers: of a table that is cut into passages, each row still says what its cells
are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.ingestion.normalization import tidy


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

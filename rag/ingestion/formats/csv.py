"""Reads tables in CSV and TSV: each row is a line that names its columns."""

from __future__ import annotations

import csv
import io

from rag.ingestion.decoding import NotText, decode
from rag.ingestion.documents import Extracted
from rag.ingestion.limits import MEGABYTE, Unreadable
from rag.ingestion.tables import names_columns, row_lines

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
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), _dialect(text)) if any(row)
        ]
    except csv.Error as error:
        raise Unreadable(f"It is not a valid table: {error}.") from error
    lines = list(row_lines(rows, has_header=names_columns(rows)))
    if not lines:
        raise Unreadable("The table has no rows.")
    return Extracted(tuple(lines), has_furniture=False)


def _dialect(text: str) -> type[csv.Dialect]:
    sample = text[:SAMPLE]
    try:
        return csv.Sniffer().sniff(sample[: sample.rfind("\n") + 1] or sample, DELIMITERS)
    except csv.Error:
        return csv.excel

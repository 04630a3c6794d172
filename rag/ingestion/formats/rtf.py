"""Reads Rich Text Format (.rtf) by striprtf."""

from __future__ import annotations

from striprtf.striprtf import rtf_to_text

from rag.ingestion.documents import Extracted
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import split_paragraphs


def read_rtf(data: bytes) -> Extracted:
    """The paragraphs of an RTF file; cells of a table row are parted.

    Raises:
        Unreadable: It is damaged, or holds no text.
    """
    try:
        text: str = rtf_to_text(data.decode("latin-1"), errors="replace")
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Unreadable("The document is damaged. Save it again.") from error
    lines = [
        line.strip("|").replace("|", "; ") if "|" in line else line for line in text.split("\n")
    ]
    paragraphs = split_paragraphs("\n\n".join(lines))
    if not paragraphs:
        raise Unreadable("The document holds no text.")
    return Extracted(tuple(paragraphs), has_furniture=False)

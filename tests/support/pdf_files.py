"""Writes small PDF files: words at places of pages, labels, metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

HEIGHT, WIDTH = 842, 595


class Words(NamedTuple):
    """A line of text: its left edge and base line from the lower left corner, in points.

    ``matrix`` turns and moves it, such as ``0 -1 1 0 0 842``, which has it run down the page.
    """

    x: float
    y: float
    text: str
    size: float = 10
    matrix: str = "1 0 0 1 0 0"


def column(
    texts: Sequence[str], *, x: float = 60, top: float = 700, size: float = 10
) -> list[Words]:
    """Lines below each other, twelve points apart."""
    return [Words(x, top - 12 * row, text, size) for row, text in enumerate(texts) if text]


def pdf(
    pages: Sequence[Sequence[Words]],
    *,
    labels: str = "",
    info: Mapping[str, str] | None = None,
    trailer: str = "",
) -> bytes:
    """A PDF file.

    Args:
        pages: The words of each page, in any order.
        labels: A number tree of page labels, such as ``0 << /S /r >>``.
        info: Metadata by name, such as ``Title``.
        trailer: Further entries of the trailer.
    """
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    said = " ".join(f"/{name} ({value})" for name, value in (info or {}).items())
    marks = f"/PageLabels << /Nums [{labels}] >>" if labels else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {marks} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, words in enumerate(pages):
        drawn = "\n".join(
            f"q {w.matrix} cm BT /F1 {w.size} Tf {w.x} {w.y} Td ({_escaped(w.text)}) Tj ET Q"
            for w in words
        )
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {len(drawn.encode('cp1252'))} >>\nstream\n{drawn}\nendstream",
        ]
    objects.append(f"<< {said} >>")
    return _file(objects, f"/Root 1 0 R /Info {len(objects)} 0 R {trailer}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(objects: Sequence[str], trailer: str) -> bytes:
    data = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return (
        data
        + (
            f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n"
        ).encode()
    )

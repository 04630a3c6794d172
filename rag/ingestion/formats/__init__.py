"""The readers of file formats, by kind: bytes in, text and facts out."""

from collections.abc import Callable

from rag.ingestion.documents import Extracted
from rag.ingestion.formats.docx import read_docx
from rag.ingestion.formats.epub import read_epub
from rag.ingestion.formats.html import is_html, is_html_fragment, read_html
from rag.ingestion.formats.mail import read_mail
from rag.ingestion.formats.odt import read_odt
from rag.ingestion.formats.pdf import read_pdf
from rag.ingestion.formats.rtf import read_rtf
from rag.ingestion.formats.tables import read_csv

READERS: dict[str, Callable[[bytes], Extracted]] = {
    "html": read_html,
    "pdf": read_pdf,
    "docx": read_docx,
    "epub": read_epub,
    "odt": read_odt,
    "rtf": read_rtf,
    "csv": read_csv,
    "email": read_mail,
}

__all__ = [
    "READERS",
    "is_html",
    "is_html_fragment",
]

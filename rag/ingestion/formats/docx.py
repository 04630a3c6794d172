"""Reads Word documents (.docx): mammoth writes them as HTML, which is read as a whole."""

from __future__ import annotations

import io
import warnings
from xml.sax import SAXException
from zipfile import ZipFile

import mammoth
from lxml import etree

from rag.ingestion.documents import Extracted
from rag.ingestion.formats.containers import MOST_UNPACKED, entry, opened, xml
from rag.ingestion.formats.document_facts import with_facts
from rag.ingestion.formats.html import read_whole
from rag.ingestion.limits import Unreadable

CORE = "docProps/core.xml"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
TITLE = "p[style-name='Title'] => h1:fresh"
TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HIDDEN, OFF = b"vanish", ("0", "false", "off")


def read_docx(data: bytes) -> Extracted:
    """The text of a Word document; its properties only where the text bears them out.

    Raises:
        Unreadable: It is damaged or encrypted, or holds no text.
    """
    with opened(data) as package:
        said = xml(entry(package, CORE)) if CORE in package.namelist() else None
        for part in package.namelist():
            if part.endswith(".xml"):
                entry(package, part)
        shown = without_hidden(package)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written = mammoth.convert_to_html(
                io.BytesIO(shown or data), ignore_empty_paragraphs=True, style_map=TITLE
            )
    except (KeyError, ValueError, AttributeError, TypeError, OSError, SAXException) as error:
        raise Unreadable("The document is damaged. Save it again.") from error
    found = read_whole(written.value.encode("utf-8"))
    if said is None:
        return with_facts(found)
    return with_facts(found, *(said.findtext(DUBLIN_CORE + tag) for tag in ("title", "creator")))


def without_hidden(package: ZipFile) -> bytes | None:
    """The document without the text that Word hides; None where it hides none."""
    changed: dict[str, bytes] = {}
    for name in TEXTS:
        if name in package.namelist() and HIDDEN in (data := entry(package, name)):
            root = xml(data)
            for run in list(root.iter(f"{WORD}r")):
                mark = run.find(f"{WORD}rPr/{WORD}vanish")
                parent = run.getparent()
                if mark is not None and mark.get(f"{WORD}val") not in OFF and parent is not None:
                    parent.remove(run)
            changed[name] = etree.tostring(root)
    if not changed:
        return None
    stream = io.BytesIO()
    with ZipFile(stream, "w") as made:
        for item in package.infolist():
            made.writestr(item, changed.get(item.filename) or entry(package, item, MOST_UNPACKED))
    return stream.getvalue()

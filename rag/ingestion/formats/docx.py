"""Reads Word documents (.docx): mammoth writes them as HTML, which is read as a whole."""

from __future__ import annotations

import io
import warnings
from xml.sax import SAXException

import mammoth

from rag.ingestion.documents import Extracted, FactName
from rag.ingestion.formats.html import read_whole
from rag.ingestion.formats.packages import entry, opened, xml
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy
from rag.types import Fact

CORE = "docProps/core.xml"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written = mammoth.convert_to_html(io.BytesIO(data), ignore_empty_paragraphs=True)
    except (KeyError, ValueError, AttributeError, TypeError, OSError, SAXException) as error:
        raise Unreadable("The document is damaged. Save it again.") from error
    found = read_whole(written.value.encode("utf-8"))
    shown = " ".join(found.paragraphs[:20]).casefold()
    facts: dict[FactName, Fact] = {}
    names: tuple[tuple[FactName, str], ...] = (("title", "title"), ("author", "creator"))
    for name, tag in names:
        value = tidy(said.findtext(DUBLIN_CORE + tag) or "") if said is not None else ""
        if len(value) > 3 and value.casefold() in shown:
            facts[name] = Fact(value, "document properties")
    return Extracted(found.paragraphs, {**found.facts, **facts}, has_furniture=False)

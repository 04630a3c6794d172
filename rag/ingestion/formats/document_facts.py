"""What a document of a word processor says about itself: its title, author and day."""

from __future__ import annotations

from dataclasses import replace

from rag.ingestion.bylines import parse_byline
from rag.ingestion.cleaning import is_prose, is_title
from rag.ingestion.documents import Extracted, FactName
from rag.ingestion.normalization import tidy
from rag.types import Fact

PROPERTIES, FIRST_LINE, BYLINE = "document properties", "first line", "byline"
# How many paragraphs bear out properties, and how many at the top may be the byline.
SHOWN, TOP = 20, 4
SHORTEST = 4
# Between the cells of a table's row, which is no title.
CELLS = "; "


def with_facts(found: Extracted, title: str | None = "", author: str | None = "") -> Extracted:
    """A document with the facts that its properties and its first lines tell.

    What a program wrote into the properties is often the template's or the last owner's: it
    counts only where the text bears it out.

    Args:
        found: Its text, and the facts that its markup tells.
        title: As the properties have it.
        author: Likewise.
    """
    paragraphs = found.paragraphs
    shown = " ".join(paragraphs[:SHOWN]).casefold()
    facts: dict[FactName, Fact] = {}
    over_prose = is_title(paragraphs) and any(map(is_prose, paragraphs[1:TOP]))
    if "title" not in found.facts and over_prose and CELLS not in paragraphs[0]:
        facts["title"] = Fact(paragraphs[0], FIRST_LINE)
    for byline in filter(None, map(parse_byline, paragraphs[:TOP])):
        if byline.author:
            facts.setdefault("author", Fact(byline.author, BYLINE))
        if byline.published:
            facts.setdefault("published", Fact(byline.published.isoformat(), BYLINE))
    facts |= found.facts
    names: tuple[tuple[FactName, str | None], ...] = (("title", title), ("author", author))
    for name, said in names:
        value = tidy(said or "")
        if len(value) >= SHORTEST and value.casefold() in shown:
            facts[name] = Fact(value, PROPERTIES)
    return replace(found, facts=facts, has_furniture=False)

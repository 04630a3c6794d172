"""What the readers of file formats hand on: text in paragraphs, and facts about the article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from rag.types import Fact, Removal

FactName = Literal[
    "title",
    "publisher",
    "author",
    "published",
    "updated",
    "language",
    "url",
    "category",
    "text",
]
Facts = Mapping[FactName, Fact]


class PartStart(NamedTuple):
    """Where a page or chapter begins: ``offset`` characters into a paragraph.

    ``label`` and ``anchor`` are those of `rag.types.Part`.
    """

    label: str
    paragraph: int
    offset: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a document before it is cleaned.

    Attributes:
        paragraphs: In reading order, tidy; a table row is one paragraph.
        facts: What the document says about itself, each with where it says so.
        parts: Its pages or chapters, in order; none where it has none.
        removed: What was taken out already, and by which rule.
        has_furniture: Whether there may be menus, bylines and calls in the text, as on pages of
            sites; books and tables have none.
    """

    paragraphs: tuple[str, ...]
    facts: Facts = field(default_factory=dict)
    parts: tuple[PartStart, ...] = ()
    removed: tuple[Removal, ...] = ()
    has_furniture: bool = True

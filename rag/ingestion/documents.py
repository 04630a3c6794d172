"""What reading gives: text and facts of a format, then an article and its place, or why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from pydantic import TypeAdapter

from rag.receipts import Failure, Skipped
from rag.types import Article, Fact, Removal

if TYPE_CHECKING:
    from rag.ingestion.listing import Listing

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


@dataclass(frozen=True, slots=True)
class Document:
    """An article and the place it was read from, which is stable and unique.

    ``location`` is the absolute path; in lists and packages, the path, "#", and the address, title
    or name of the part. ``notes`` say what had to be guessed or was not understood. ``slashed_day``
    is a date in figures, such as 05/03/2024, whose order only the other files may show.
    """

    location: str
    article: Article
    notes: tuple[str, ...] = ()
    slashed_day: str = ""


def distinct(name: str, seen: Counter[str]) -> str:
    """A name as it is the first time, and with a number after it from the second: ``Kelp (2)``."""
    seen[name] += 1
    return f"{name} ({seen[name]})" if seen[name] > 1 else name


Outcome = Document | Failure | Skipped

KINDS = (Document, Extracted, Failure, Skipped)
# What the reading process answers.
Reply: TypeAlias = "Outcome | Listing | Extracted"


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    if kind == "Listing":
        # It imports the HTTP client, which reading files does not need.
        from rag.ingestion.listing import Listing

        return TypeAdapter(Listing)
    return TypeAdapter({each.__name__: each for each in KINDS}[kind])


def message_of(reply: Reply) -> dict[str, Any]:
    """A reply as JSON values, for `reply_of`."""
    kind = type(reply).__name__
    return {"kind": kind, "value": _adapter(kind).dump_python(reply, mode="json")}


def reply_of(message: Mapping[str, Any]) -> Reply:
    """The reply that `message_of` was given."""
    read: Reply = _adapter(message["kind"]).validate_python(message["value"])
    return read

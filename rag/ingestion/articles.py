"""Makes an article of what was read: cleans the text, and weighs what is said about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from rag.ingestion.cleaning import Cleaned, clean_paragraphs
from rag.ingestion.dates import parse_day
from rag.ingestion.documents import Extracted
from rag.ingestion.front_matter import yes_or_no
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy
from rag.types import Article

NOTHING_LEFT = "No text is left after the boilerplate of the page is removed."


def article_of(
    extracted: Extracted, *, origin: str, stem: str = "", given: Mapping[str, str] | None = None
) -> Article:
    """The article in a document.

    Args:
        extracted: What a reader of the document's format found.
        origin: The file name or address that it was read from.
        stem: A file's name without its ending, for a title where there is no other.
        given: Facts that count more than the document's own, as `build_article` takes them.

    Raises:
        Unreadable: Nothing is left of the text.
    """
    fields: dict[str, str] = {name: fact.value for name, fact in extracted.facts.items()}
    fields.update({name: value for name, value in (given or {}).items() if value})
    cleaned = clean_paragraphs(
        extracted.paragraphs, title=fields.get("title"), removed=extracted.removed
    )
    return build_article(cleaned, fields, origin=origin, stem=stem)


def build_article(
    cleaned: Cleaned, fields: Mapping[str, str], *, origin: str, stem: str = ""
) -> Article:
    """The article, where what its fields say goes before what its text says.

    Raises:
        Unreadable: Nothing is left of the text.
    """
    if not cleaned.text:
        raise Unreadable(NOTHING_LEFT)
    return Article.build(
        cleaned.text,
        title=fields.get("title") or cleaned.title or readable(stem) or origin,
        origin=origin,
        url=web_address(fields.get("url")),
        publisher=fields.get("publisher") or cleaned.publisher,
        author=fields.get("author") or cleaned.author,
        published=day_of(fields.get("published", "")) or cleaned.published,
        category=fields.get("category") or cleaned.category,
        keep_local=bool(yes_or_no(fields.get("keep_local", ""))),
        removed=cleaned.removed,
    )


def day_of(written: str) -> date | None:
    """The day of a time in ISO 8601, or of a date in words."""
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return parse_day(written)


def readable(stem: str) -> str:
    """A title from a file's name: "my-first_article" becomes "My first article"."""
    words = " ".join(re.split(r"[\s_\-.]+", tidy(stem)))
    return words[:1].upper() + words[1:]


def web_address(url: str | None) -> str | None:
    """The address where it can be opened in a browser; None for any other scheme."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None

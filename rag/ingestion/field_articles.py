"""Makes an article of named fields: a record of a list, or the metadata of a document."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.ingestion.articles import build_article, web_address
from rag.ingestion.cleaning import clean
from rag.ingestion.fields import Fields, decoded_entities, known_fields
from rag.ingestion.front_matter import yes_or_no
from rag.ingestion.limits import MOST_TEXT, Unreadable, too_large
from rag.ingestion.markdown import html_lines
from rag.types import Article

# What no text but HTML holds.
MARKUP = re.compile(r"</?(?:p|div|br|ul|ol|li|h[1-6]|span|strong|em|b|i|a|table)\b[^<>]*>", re.I)


def fields_of(values: Mapping[str, object], mapping: Mapping[str, str]) -> Fields:
    """The fields of a record, which must have a text.

    Args:
        values: As they were parsed.
        mapping: By our name of a field, the name or the dotted path that it has here.

    Raises:
        Unreadable: There is no text, too much of it, or ``keep_local`` is neither yes nor no.
    """
    fields = known_fields(values, mapping)
    if not fields.body.strip():
        names = ", ".join(map(str, values)) or "none"
        raise Unreadable(
            f"It has no text under 'body'. Its fields: {names}. "
            "Use --map body=NAME to say which holds it."
        )
    if len(fields.body) > MOST_TEXT:
        raise Unreadable(too_large(MOST_TEXT))
    if yes_or_no(fields.facts.get("keep_local", "")) is None:
        raise Unreadable("The value of 'keep_local' must be true or false.")
    return fields


def article_from_fields(fields: Fields, place: str, *, stem: str = "") -> Article:
    """The article of a record; its text may be HTML.

    Args:
        fields: What is said about it, and the text.
        place: Where it was read, for an article without a web address.
        stem: A file's name without its ending, for a title where there is no other.

    Raises:
        Unreadable: Nothing is left of the text.
    """
    body = fields.body
    if MARKUP.search(body):
        body = "\n\n".join(html_lines(body))
    cleaned = clean(decoded_entities(body), title=fields.facts.get("title"))
    origin = web_address(fields.facts.get("url")) or place
    return build_article(cleaned, fields.facts, origin=origin, stem=stem)

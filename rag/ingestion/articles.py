"""Makes an article of what was read: cleans the text, and weighs what is said about it.

What was read is a document, or named fields: a record of a list, or metadata.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from rag.ingestion.cleaning import Cleaned, as_it_is, clean, clean_paragraphs
from rag.ingestion.dates import day_of
from rag.ingestion.documents import Extracted, Facts
from rag.ingestion.fields import Fields, decoded_entities, known_fields
from rag.ingestion.limits import MOST_TEXT, Unreadable, too_large
from rag.ingestion.markdown import html_lines, yes_or_no
from rag.ingestion.normalization import tidy
from rag.types import Article, Fact, Part, Source

NOTHING_SAID: Facts = {}
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
    clean = clean_paragraphs if extracted.has_furniture else as_it_is
    cleaned = clean(extracted.paragraphs, title=fields.get("title"), removed=extracted.removed)
    article = build_article(cleaned, fields, origin=origin, stem=stem, said=extracted.facts)
    return replace(article, source=replace(article.source, parts=parts_in(article.text, extracted)))


def known_facts(
    source: Source, fields: Mapping[str, str], said: Facts, stem: str
) -> dict[str, Fact]:
    """What is known about an article, each with where it was said."""
    facts: dict[str, Fact] = {str(name): fact for name, fact in said.items()}
    for name in ("title", "publisher", "author", "published", "url", "category"):
        value = getattr(source, name)
        if name in said and fields.get(name) == said[name].value:
            continue
        facts.pop(name, None)
        if name in fields and value:
            facts[name] = Fact(str(value), "given")
        elif value:
            of_file = name == "title" and value in (readable(stem), source.origin)
            facts[name] = Fact(str(value), "file name" if of_file else "text")
    return facts


def parts_in(text: str, extracted: Extracted) -> tuple[Part, ...]:
    """Where pages and chapters begin in the text that was left of the paragraphs.

    Cleaning takes paragraphs out and cuts the end of some; the rest keep their order. A
    page whose first paragraph is gone begins with the next one that is left.
    """
    starts: list[int] = []
    position = 0
    for paragraph in extracted.paragraphs:
        end = text.find("\n\n", position)
        kept = text[position : end if end >= 0 else len(text)]
        starts.append(position)
        if kept and paragraph.startswith(kept):
            position = end + 2 if end >= 0 else len(text)
    parts: list[Part] = []
    for part in extracted.parts:
        place = starts[part.paragraph] if part.paragraph < len(starts) else len(text)
        whole = text.startswith(extracted.paragraphs[part.paragraph], place)
        start = place + (part.offset if whole else 0)
        if start < len(text) or not parts:
            parts.append(Part(part.label, start, part.anchor))
    # Of several that begin at one place, the last holds the text.
    return tuple({part.start: part for part in parts}.values())


def build_article(
    cleaned: Cleaned,
    fields: Mapping[str, str],
    *,
    origin: str,
    stem: str = "",
    said: Facts = NOTHING_SAID,
) -> Article:
    """The article; what its fields say takes precedence over what its text says.

    Args:
        cleaned: Its text.
        fields: What is known, by our names.
        origin: The file name or address that it was read from.
        stem: A file's name without its ending.
        said: Those of the fields of which more than their value is known.

    Raises:
        Unreadable: Nothing is left of the text.
    """
    if not cleaned.text:
        raise Unreadable(NOTHING_LEFT if cleaned.removed else "It holds no text below its title.")
    fields = {name: tidy(value) for name, value in fields.items()}
    article = Article.build(
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
    return replace(article, facts=known_facts(article.source, fields, said, stem))


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

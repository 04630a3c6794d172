"""The facts about an article under the names that people give them, in front matter and JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from rag.errors import SettingsError
from rag.ingestion.dates import SLASHED, day_of, epoch_day
from rag.ingestion.normalization import tidy

NO_MAPPING: Mapping[str, str] = MappingProxyType({})
# Each field by its usual names, the likeliest first, in lower case and without signs.
NAMES: Mapping[str, Sequence[str]] = {
    "title": ("title", "headline", "name", "subject"),
    "author": ("author", "authors", "byline", "creator", "writer", "by"),
    "publisher": (
        *("publisher", "source", "sourcename", "site", "sitename", "publication", "outlet"),
        *("newspaper", "feed"),
    ),
    "published": (
        *("published", "publishedat", "publishedon", "publisheddate", "datepublished", "date"),
        *("publishdate", "publicationdate", "pubdate", "dateline", "datetime", "timestamp"),
        *("createdat", "created"),
    ),
    "category": ("category", "categories", "section", "topic", "tags", "keywords"),
    "url": ("url", "link", "permalink", "canonical", "canonicalurl", "weburl", "href", "sourceurl"),
    "origin": ("origin",),
    "keep_local": ("keeplocal",),
    "body": (
        *("body", "text", "content", "article", "articlebody", "articletext", "bodytext"),
        *("fulltext", "contenttext", "contenthtml", "maintext", "story"),
    ),
}
# Understood, and of no use: the language is found from the text.
UNUSED = frozenset(("lang", "language", "locale"))
# What is taken of an object in place of a name or a text.
INSIDE = ("name", "fullname", "title", "label", "text", "value", "rendered", "content")
GIVEN = ("given", "givenname", "givennames", "first", "firstname", "forename", "forenames")
FAMILY = ("family", "familyname", "last", "lastname", "surname")
BYLINE = re.compile(r"by\s+(?=\S)", re.IGNORECASE)
SIGNS = re.compile(r"[\W_]+")


# A word or number by which HTML writes a character.
ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")


class Fields(NamedTuple):
    """What is said about an article.

    Attributes:
        facts: One line each, by our names.
        body: The text, if there is one.
        notes: What was not understood.
        slashed_day: A date in figures, whose order may only be clear from other dates.
    """

    facts: Mapping[str, str]
    body: str
    notes: tuple[str, ...] = ()
    slashed_day: str = ""


def decoded_entities(text: str) -> str:
    """The text with the characters that ``&eacute;`` and ``&#233;`` stand for."""
    return ENTITY.sub(lambda match: html.unescape(match.group()), text)


def known_fields(values: Mapping[str, object], mapping: Mapping[str, str] = NO_MAPPING) -> Fields:
    """What a record or a front matter says about an article.

    Args:
        values: As they were parsed; tables within are looked into for what is missing.
        mapping: By our name of a field, the name or the dotted path that it has here.
    """
    values = _unwrapped(values) if not mapping else values
    plain = {plain_name(key): (str(key), value) for key, value in reversed(list(values.items()))}
    for nested in [value for _, value in plain.values() if isinstance(value, Mapping)]:
        if not {*INSIDE, *GIVEN, *FAMILY} & set(map(plain_name, nested)):
            for key, value in nested.items():
                plain.setdefault(plain_name(key), (str(key), value))
    found: dict[str, object] = {}
    used = {mapped.partition(".")[0] for mapped in mapping.values()}
    for ours, names in NAMES.items():
        if ours in mapping:
            found[ours] = _at(values, mapping[ours])
            continue
        for name in names:
            if name in plain and _words(plain[name][1]):
                used.add(plain[name][0])
                found.setdefault(ours, plain[name][1])
    facts = {ours: _fact(ours, value) for ours, value in found.items() if ours != "body"}
    if facts.get("publisher", "").startswith(("http://", "https://")):
        facts.setdefault("url", facts.pop("publisher"))
    unknown = [str(key) for key in values if key not in used and not _is_understood(key, values)]
    notes = [unused_note(unknown)] if unknown else []
    published = facts.get("published", "")
    slashed = SLASHED.match(published)
    if published and not slashed and day_of(published) is None:
        notes.append(f"The date {published!r} is not understood. Write it as 2024-03-05.")
    body = _paragraphs(found.get("body"))
    return Fields(facts, body, tuple(notes), published if slashed else "")


def _unwrapped(values: Mapping[str, object]) -> Mapping[str, object]:
    """A record with the fields of the one object in it that holds its text, as servers wrap it."""
    texts = NAMES["body"]
    if any(plain_name(key) in texts for key in values):
        return values
    inner = [
        (key, value)
        for key, value in values.items()
        if isinstance(value, Mapping) and any(plain_name(name) in texts for name in value)
    ]
    if len(inner) != 1:
        return values
    [(wrapper, record)] = inner
    return {**{key: value for key, value in values.items() if key != wrapper}, **record}


def _is_understood(key: object, values: Mapping[str, object]) -> bool:
    """Whether a field is of a kind that is used, though this one says nothing new."""
    plain = plain_name(key)
    nested = values.get(str(key))
    known = {name for names in NAMES.values() for name in names} | UNUSED
    if isinstance(nested, Mapping):
        return bool(nested) and all(plain_name(inner) in known for inner in nested)
    return plain in known or not _words(nested)


def plain_name(key: object) -> str:
    """A field's name in lower case and without signs, as `NAMES` holds it."""
    return SIGNS.sub("", str(key)).casefold()


def _at(values: object, path: str) -> object:
    """The value at a dotted path; None where there is none."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _fact(field: str, value: object) -> str:
    if field == "published":
        return epoch_day(value) or _words(value)
    if field == "category" and isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0]
    words = _words(value)
    return BYLINE.sub("", words, count=1) if field == "author" and BYLINE.match(words) else words


def _words(value: object) -> str:
    """A value as one line; lists are joined, and objects give their name."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        plain = {plain_name(key): inner for key, inner in value.items()}
        return name_of_parts(plain) or _first_said(plain, INSIDE)
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(_words, value)))
    return "" if value is None else tidy(decoded_entities(str(value)))


def name_of_parts(person: Mapping[str, object]) -> str:
    """Given and family name of somebody described by both; empty for everybody else.

    Args:
        person: By plain names of the fields.
    """
    parts = [_first_said(person, names) for names in (GIVEN, FAMILY)]
    return " ".join(parts) if all(parts) else ""


def _first_said(values: Mapping[str, object], names: Sequence[str]) -> str:
    return next((words for name in names if (words := _words(values.get(name)))), "")


def _paragraphs(value: object) -> str:
    """A text, which may be a list of paragraphs or inside an object."""
    if isinstance(value, Mapping):
        plain = {plain_name(key): inner for key, inner in value.items()}
        return next((_paragraphs(plain[key]) for key in INSIDE[-4:] if plain.get(key)), "")
    if isinstance(value, (list, tuple)):
        return "\n\n".join(filter(None, map(_paragraphs, value)))
    return value if isinstance(value, str) else ""


def unused_note(unknown: Sequence[str]) -> str:
    """Names the fields that were not understood."""
    return f"These fields are not used: {', '.join(unknown)}. Use --map to say what they are."


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is said about files beforehand.

    Attributes:
        encoding: Of Markdown, texts and JSON; None to find it.
        mapping: By our name of a field, such as ``title``, its name or dotted path in the files.
    """

    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


def parse_mapping(written: str) -> dict[str, str]:
    """The mapping in ``title=headline,body=content.text``.

    Raises:
        SettingsError: It is not a list of pairs, or names an unknown field.
    """
    pairs = [pair.partition("=") for pair in written.split(",") if pair.strip()]
    found = {name.strip(): path.strip() for name, _, path in pairs}
    if not all(found.values()) or not found.keys() <= NAMES.keys():
        fields = ", ".join(NAMES)
        raise SettingsError("--map", written, f"FIELD=NAME,… with the fields {fields}")
    return found

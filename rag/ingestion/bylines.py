"""Author, publisher and date from the lines around a title."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from rag.data import read_outlets
from rag.ingestion.boilerplate_patterns import CATEGORIES, folded, is_byline_extra
from rag.ingestion.dates import is_relative, parse_day

# No byline is longer; longer paragraphs are prose.
LONGEST_BYLINE = 250

SEPARATOR = re.compile(r"\s*[|·•]\s*|\s+[–—/-]\s+|\s*\t\s*")
BY = re.compile(
    r"(?:(?:posted|written|published|reported|story|words|text|analysis|opinion|review|edited)\s+)?"
    r"by[:\s]\s*|authors?\s*:\s*|(?:written|posted|published) by\s*:\s*",
    re.IGNORECASE,
)
ON_DATE = re.compile(
    r"(?:(?:first |originally )?(?:published|posted|updated)|last (?:updated|modified)|date|on)\b"
    r"(?: on| at)?\s*:?\s*",
    re.IGNORECASE,
)
PUBLISHED_IN = re.compile(
    r"(?:(?:this (?:article|story|post) )?(?:was )?(?:first |originally )?(?:published"
    r"|appeared|posted)"
    r"(?: first)? (?:in|on|at|by)|source|via|publisher|publication)\s*:?\s+",
    re.IGNORECASE,
)
PARTICLES = "de|da|di|du|del|della|van|von|der|den|ter|la|le|bin|ibn|al|y|and|&"
NAME_WORD = r"(?:[^\W\d_][\w'’.\-]*)"
NAME = re.compile(rf"{NAME_WORD}(?:,? {NAME_WORD}|,? &){{0,9}}")
ROLE = re.compile(
    r"(?:(?:senior|staff|chief|guest|associate|managing|deputy|executive|contributing|special"
    r"|former|"
    r"technology|tech|science|business|political|news|ai|health|sports?|economics)\s+)*"
    r"(?:contributors?|staff|writer|reporter|editor(?:-in-chief)?|correspondent|columnist|author|"
    r"journalist|editorial (?:team|board|staff)|admin|team|analyst|intern|founder|ceo|phd|ph\.d)",
    re.IGNORECASE,
)
ROLE_OF = re.compile(r"\s+(?:is a|of|at|for|in)\s.*")
# What joins names; within a name, as in "Ramón y Cajal", it leaves single words.
JOINED = re.compile(r"\s*,\s*(?:and|und|et|y)\s+|\s*[,&]\s*|\s+(?:and|und|et|y)\s+")
SLUG = re.compile(r"/[\w-]+(?:/[\w-]+)*/?")

# Well-known names that look like any other word when they are alone on a line.
OUTLETS = frozenset(
    name.casefold() for outlet in read_outlets() for name in (outlet.name, outlet.short) if name
)
OUTLET_WORD = re.compile(
    r"\b(?:news|times|post|journal|herald|tribune|gazette|magazine|daily|weekly|today|review"
    r"|observer|"
    r"chronicle|telegraph|guardian|press|wire|insider|bulletin|courier|mirror|standard|globe|"
    r"reporter|digest|dispatch|sentinel|examiner|inquirer|monitor|forum)\b|\.(?:com|org|net"
    r"|io|co)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Byline:
    """What a line says about an article; a lone name is not ``certain``: it may be prose."""

    author: str | None = None
    publisher: str | None = None
    published: date | None = None
    category: str | None = None
    certain: bool = True


def parse_byline(paragraph: str) -> Byline | None:
    """What a byline, date line or source line says; None for any other paragraph.

    Every part of the line must be a name, a role, an outlet, a day, a category, a count or a
    reading time, so that a sentence which begins with "By" is not taken for one.
    """
    if len(paragraph) > LONGEST_BYLINE:
        return None
    line = paragraph.strip().strip("–—-|·• ")
    source = PUBLISHED_IN.match(line)
    if source and (outlet := _outlet(line[source.end() :].rstrip("."))):
        return Byline(publisher=outlet)
    lead = BY.match(line)
    fields = _fields(line[lead.end() :] if lead else line)
    found = Byline(certain=bool(lead))
    for position, field in enumerate(fields):
        following = _read_field(found, field, expects_name=bool(lead) and position == 0)
        if following is None:
            return _by_commas(line) if not lead and len(fields) == 1 else None
        found = following
    if lead and fields == [found.author] and _is_doubtful(fields[0]):
        return None
    return found if found.certain and found != Byline() else None


def _is_doubtful(name: str) -> bool:
    """Whether "By NAME" may as well be a heading such as "By Design" or "By Monday"."""
    return " " not in name and not ROLE.fullmatch(name) and not known_outlet(name)


def _fields(line: str) -> list[str]:
    return [field.strip(" ,;") for field in SEPARATOR.split(line) if field.strip(" ,;")]


def _read_field(found: Byline, field: str, *, expects_name: bool) -> Byline | None:
    """``found`` with what one field adds, or None where the field belongs in no byline."""
    if expects_name:
        return _read_author(found, field)
    day = parse_day(ON_DATE.sub("", field, count=1)) or parse_day(field)
    if day:
        return replace(found, published=found.published or day, certain=True)
    bare = ON_DATE.sub("", field, count=1)
    if is_relative(bare) or is_byline_extra(folded(field)):
        return replace(found, certain=True)
    if _only_categories(field):
        return replace(found, category=found.category or _first_category(field))
    lead = BY.match(field)
    if lead:
        named = _read_author(found, field[lead.end() :])
        return replace(named, certain=True) if named else None
    if ROLE.fullmatch(field):
        return found
    if (found.certain or found.author) and not found.publisher and (outlet := _outlet(field)):
        return replace(found, publisher=outlet)
    return None


def _read_author(found: Byline, field: str) -> Byline | None:
    """The name at the start of a field, perhaps with a role, an outlet or a day after it."""
    dated = re.fullmatch(r"(.{3,80}?),?\s+(?:on|at)\s+(.{6,60})", field)
    day = parse_day(dated.group(2)) if dated else None
    if dated and day:
        named = _read_author(found, dated.group(1))
        return replace(named, published=found.published or day) if named else None
    name, *rest = [part.strip() for part in field.split(",", 1)]
    for part in rest:
        more = [piece for piece in re.split(r",\s*", part) if piece]
        tail = parse_day(part)
        if tail:
            found = replace(found, published=found.published or tail)
        elif all(is_name(piece) and not ROLE.fullmatch(piece) for piece in more) and not any(
            _outlet(piece, known=True) for piece in more
        ):
            name = f"{name}, {part}"
        elif ROLE.fullmatch(ROLE_OF.sub("", part)):
            continue
        else:
            return _author_with_tail(found, name, more)
    return replace(found, author=found.author or name) if is_name(name) else None


def _author_with_tail(found: Byline, name: str, pieces: list[str]) -> Byline | None:
    """The name before role, outlet and day, which commas separate."""
    if not is_name(name):
        return None
    found = replace(found, author=found.author or name)
    joined = _join_dates(pieces)
    for piece in joined:
        day = parse_day(piece)
        if day:
            found = replace(found, published=found.published or day)
        elif ROLE.fullmatch(ROLE_OF.sub("", piece)) or is_relative(piece):
            continue
        elif (outlet := _outlet(piece)) and not found.publisher:
            found = replace(found, publisher=outlet)
        else:
            return None
    return found


def _by_commas(line: str) -> Byline | None:
    """Reads "NAME, PUBLISHER, DATE" or "PUBLISHER, DATE"; only a day at the end makes a byline."""
    pieces = _join_dates([piece.strip() for piece in line.split(",") if piece.strip()])
    if not 2 <= len(pieces) <= 4:
        return None
    day = parse_day(pieces[-1])
    if not day and not is_relative(pieces[-1]):
        return None
    first = pieces[0]
    if len(pieces) == 2 and _outlet(first, known=True):
        return Byline(publisher=first, published=day)
    return _author_with_tail(Byline(published=day), first, pieces[1:-1])


def _join_dates(pieces: list[str]) -> list[str]:
    """Puts back a year to its day and month, where a comma separated them."""
    joined: list[str] = []
    for piece in pieces:
        if joined and re.match(r"(?:19|20)\d\d\b", piece) and parse_day(f"{joined[-1]}, {piece}"):
            joined[-1] = f"{joined[-1]}, {piece}"
        else:
            joined.append(piece)
    return joined


def is_name(text: str) -> bool:
    """Whether every word begins with a capital, but for particles: a person's name, or several."""
    if (
        not NAME.fullmatch(text)
        or len(text) > 100
        or (text.endswith(".") and len(text.split()) > 3)
    ):
        return False
    words = [word.strip(",") for word in text.split()]
    plain = [word for word in words if word.casefold() not in PARTICLES.split("|")]
    return 1 <= len(plain) <= 8 and all(word[0].isupper() for word in plain)


def split_authors(author: str) -> tuple[str, ...]:
    """The authors that one line names, as they are written.

    Semicolons always split them. Commas and words such as *and* do where every part is a person's
    name of two words or more: not in "Brandt, Ida" or "Reuters, London".
    """
    if ";" in author:
        return tuple(part.strip() for part in author.split(";") if part.strip())
    people = JOINED.split(author.strip())
    return tuple(people) if all(map(_is_full_name, people)) else (author,)


def _is_full_name(text: str) -> bool:
    words = [word for word in text.split() if word.casefold() not in PARTICLES.split("|")]
    return len(words) >= 2 and is_name(text) and not (ROLE.fullmatch(text) or known_outlet(text))


def _outlet(text: str, *, known: bool = False) -> str | None:
    """The name of an outlet; with ``known``, only one that shows that it is an outlet."""
    text = text.strip(" .")
    if text.casefold() in OUTLETS or (is_title_like(text) and OUTLET_WORD.search(text)):
        return text
    return None if known or not is_title_like(text) else text


def known_outlet(text: str) -> str | None:
    """The outlet's name where a line is nothing else."""
    return _outlet(text, known=True)


def is_title_like(text: str) -> bool:
    """Whether a few words begin with capitals or hold a domain name, as names of outlets do."""
    words = text.split()
    if not 1 <= len(words) <= 6 or len(text) > 60 or text[-1] in "?!:,;":
        return False
    return all(
        w[0].isupper() or w[0].isdigit() or "." in w or w in ("of", "the", "&") for w in words
    )


def _only_categories(field: str) -> bool:
    parts = [part.strip() for part in field.split(",") if part.strip()]
    return bool(parts) and all(is_category(part) for part in parts)


def is_category(part: str) -> bool:
    """Whether one item of a category line is a known section, or an address such as /ai."""
    return folded(part) in CATEGORIES or SLUG.fullmatch(part) is not None


def _first_category(field: str) -> str | None:
    for part in field.split(","):
        if not part.strip().startswith("/"):
            return part.strip()
    return None

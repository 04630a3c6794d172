"""Parses the dates that articles carry, as a whole and exactly.

The order of a date in figures, such as 05/03/2024, may show only in the other files of an ingest.
Dates in questions, which may be vague, are read by `rag.query`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from rag.ingestion.documents import Document, Outcome
from rag.text import ANY_MONTH, MONTHS
from rag.types import Article, Fact

WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
# A time of day and zone after the day. It is checked loosely and not used.
TIME = r"(?:[T,]?\s*(?:at\s+)?\d{1,2}[:.]\d{2}[\w:.+\- ]{0,24})?"
LEAD = r"(?:(?:first\s+)?(?:published|posted|updated|last\s+updated|date)(?:\s+on)?:?\s+)?"

FORMS = tuple(
    re.compile(LEAD + WEEKDAY + form + TIME, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})(?P<separator>[-/.])(?P<m>\d{1,2})(?P=separator)(?P<d>\d{1,2})",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ \-](?:of )?(?P<name>{ANY_MONTH})\.?,?"
        r"[ \-](?P<y>\d{4})",
        rf"(?P<name>{ANY_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})",
    )
)
RELATIVE = re.compile(
    r"(?:(?:published|posted|updated)\s+)?"
    r"(?:(?:\d{1,3}|an?|one|two|a few|last)\s+(?:second|sec|minute|min|hour|hr|day|week|month|year)"
    r"s?(?:\s+ago)|yesterday|today|just now|last (?:week|month|year))",
    re.IGNORECASE,
)
# No written date is longer; longer text is not looked at.
LONGEST_DATE = 80


def parse_day(text: str) -> date | None:
    """The day that ``text``, as a whole, names; None for relative, doubtful or impossible ones.

    Forms such as 03/02/2025, which two countries read differently, are doubtful.
    """
    text = " ".join(text[: LONGEST_DATE + 1].split()).strip(" .,")
    if not text or len(text) > LONGEST_DATE:
        return None
    for form in FORMS:
        match = form.fullmatch(text)
        if match:
            found = match.groupdict()
            month = MONTHS[found["name"].lower()] if "name" in found else int(found["m"])
            try:
                return date(int(found["y"]), month, int(found["d"]))
            except ValueError:
                return None
    return None


# Days, months and years in figures, in an order that differs between countries.
SLASHED = re.compile(r"(?P<first>\d{1,2})(?P<sign>[/.])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4})")
COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)")
MONTH_ONLY = re.compile(
    rf"(?:(?P<y>\d{{4}})-(?P<m>\d\d?)|(?P<name>{ANY_MONTH}) (?P<y2>\d{{4}}))", re.I
)
HAS_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|\d{1,2}-[^\W\d_]{3}-\d\d$")
# Seconds since 1970 from 2001 to 2286; a thousand times that are milliseconds.
FIRST_EPOCH, LAST_EPOCH = 1e9, 1e10


def epoch_day(value: object) -> str:
    """The day (ISO 8601, UTC) of a number of seconds or milliseconds since 1970; else empty."""
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else 0.0
    except ValueError:
        return ""
    seconds = seconds / 1000 if seconds >= FIRST_EPOCH * 1000 else seconds
    if not FIRST_EPOCH <= seconds < LAST_EPOCH:
        return ""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def day_of(written: str, *, day_first: bool | None = None) -> date | None:
    """The day that a field of an article names, in any form that names just one.

    A month without a day is its first day. Of days in figures with slashes, those that two
    countries read differently need ``day_first``.
    """
    written = " ".join(written.split())
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        pass
    if match := SLASHED.match(written):
        return slashed_day(match, day_first)
    if found := parse_day(written):
        return found
    for form in (COMPACT, MONTH_ONLY):
        if match := form.fullmatch(written):
            part = match.groupdict()
            month = MONTHS[part["name"].lower()] if part.get("name") else int(part["m"])
            try:
                return date(int(part["y"] or part["y2"]), month, int(part.get("d") or 1))
            except ValueError:
                return None
    return _in_words(written)


def slashed_day(match: re.Match[str], day_first: bool | None) -> date | None:
    """The day of a match of `SLASHED`; None if it is in doubt or there is no such day."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if day_first is None:
        day_first = orders_days(match)
    if day_first is None and first != second:
        return None
    day, month = (first, second) if day_first or first == second else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def orders_days(match: re.Match[str]) -> bool | None:
    """Whether a date in figures has the day first, where its figures show it; else None."""
    first, second = int(match["first"]), int(match["second"])
    if match["sign"] == ".":
        return True
    return True if first > 12 >= second else False if second > 12 >= first else None


def _in_words(written: str) -> date | None:
    """A date in the words of any language."""
    if not HAS_YEAR.search(written) or len(written) > LONGEST_DATE or is_relative(written):
        return None
    import dateparser  # takes a tenth of a second, and most dates do not need it

    found = dateparser.parse(
        written,
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "RETURN_AS_TIMEZONE_AWARE": False},
    )
    return found.date() if found else None


def is_relative(text: str) -> bool:
    """Whether ``text`` is a time counted from now, such as "1 month ago"."""
    return len(text) <= LONGEST_DATE and RELATIVE.fullmatch(text.strip()) is not None


def with_days(items: Sequence[Outcome]) -> list[Outcome]:
    """The items, in which each date in figures is read in the order that the set shows.

    Where no date shows an order, or some show one and some the other, the dates that two countries
    read differently are left out, and a note says so.
    """
    slashed = [item.slashed_day for item in items if isinstance(item, Document)]
    matches = [match for written in slashed if (match := SLASHED.match(written))]
    orders = {orders_days(match) for match in matches if match["sign"] == "/"} - {None}
    order = orders.pop() if len(orders) == 1 else None
    return [
        _dated(item, order) if isinstance(item, Document) and item.slashed_day else item
        for item in items
    ]


def _dated(document: Document, day_first: bool | None) -> Document:
    found = day_of(document.slashed_day, day_first=day_first)
    if found is None:
        note = (
            f"The date {document.slashed_day!r} is not used: neither it nor the other "
            "dates here show which figure is the day. Write it as 2024-03-05."
        )
        return replace(document, notes=(*document.notes, note))
    return replace(document, article=_published(document.article, found))


def _published(article: Article, day: date) -> Article:
    """The same article of another day, and so with another id."""
    source = article.source
    if source.published == day:
        return article
    built = Article.build(
        article.text,
        title=source.title,
        origin=source.origin,
        url=source.url,
        publisher=source.publisher,
        author=source.author,
        published=day,
        category=source.category,
        keep_local=source.keep_local,
    )
    facts = {**article.facts, "published": Fact(day.isoformat(), "given")}
    source = replace(source, id=built.source.id, published=day)
    return replace(article, source=source, facts=facts)

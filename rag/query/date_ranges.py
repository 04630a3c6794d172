"""Dates said in words: *since March 2024*, *last spring*, *on November 6, 2023*."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rag.text import ANY_MONTH, MONTHS

# First month of each season of the northern half, three months each.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_YEAR = r"(?:19|20)\d\d"
DATE = re.compile(
    rf"(?P<iso>\b{_YEAR}-\d\d-\d\d\b)"
    rf"|\b(?P<month_first>{ANY_MONTH})\.? (?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?,?"
    rf" (?P<y1>{_YEAR})\b"
    rf"|\b(?P<day_before>\d{{1,2}})(?:st|nd|rd|th)? (?P<month_last>{ANY_MONTH})\.?,?"
    rf" (?P<y2>{_YEAR})\b"
    rf"|\b(?P<month>{ANY_MONTH})\.?,? (?:of )?(?P<y3>{_YEAR})\b"
    rf"|\b(?P<season>{'|'.join(SEASONS)}) (?:of )?(?P<y4>{_YEAR})\b"
    rf"|\b(?P<which>last|this) (?P<span>{'|'.join(SEASONS)}|week|month|year)\b"
    rf"|\b(?P<ago>(?:the )?(?:last|past) (?P<count>\d{{1,3}}|two|three|few|couple of) "
    rf"(?P<unit>day|week|month|year)s)\b"
    rf"|\b(?P<near>(?-i:today|yesterday))\b"  # in capitals it is the name of a newspaper
    rf"|\b(?P<bare>{ANY_MONTH})\b(?:\.? (?P<bare_day>\d{{1,2}})(?:st|nd|rd|th)?\b)?"
    rf"|\b(?P<year>{_YEAR})\b",
    re.IGNORECASE,
)
AFTER = re.compile(r"\b(?:since|starting(?: from| in)?)\s+$", re.IGNORECASE)
# "From March on" is since then; "news from March" is of that month.
FROM = re.compile(r"\bfrom\s+$", re.IGNORECASE)
ONWARDS = re.compile(r"^\s*(?:on(?:wards?)?|forward)\b(?! the| a)", re.IGNORECASE)
LATER = re.compile(r"\bafter\s+$", re.IGNORECASE)
# Only behind these is "may" a month.
BARE_MONTH = re.compile(
    r"\b(?:in|on|since|before|after|until|till|during|of|last|this|by|from|between|starting)"
    r"(?: early| late| mid)?\s+$",
    re.IGNORECASE,
)
BEFORE = re.compile(r"\b(?:before|prior to|earlier than)\s+$", re.IGNORECASE)
UNTIL = re.compile(r"\b(?:until|till|up to)\s+$", re.IGNORECASE)
BETWEEN = re.compile(r"\b(?:between|from)\s+$", re.IGNORECASE)
AND = re.compile(r"^\s*(?:and|to|until|till|-|–)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``after`` to ``before``, both included; None where it is open.

    ``start`` and ``end`` are where the words stand in the question, preposition included;
    ``counted`` is true for days that count from today (*last week*), not for years and seasons.
    """

    after: date | None
    before: date | None
    start: int
    end: int
    counted: bool = False

    def holds(self, day: date) -> bool:
        return (self.after is None or self.after <= day) and (
            self.before is None or day <= self.before
        )


def periods(question: str, today: date, newest: date | None = None) -> tuple[Period, ...]:
    """The periods that a question speaks of, in order. A day that does not exist is none.

    *Last spring* is the last one that was over by ``today``; *in November* the last one that had
    begun by the ``newest`` day that is known, or by today.
    """
    clock = Clock(today, newest or today)
    matches = [match for match in DATE.finditer(question) if _is_date(question, match)]
    plain = [found for match in matches if (found := _plain(match, clock))]
    joined: list[Period] = []
    skip = False
    for place, period in enumerate(plain):
        if skip:
            skip = False
            continue
        following = plain[place + 1] if place + 1 < len(plain) else None
        start = BETWEEN.search(question[: period.start])
        if following and start and AND.match(question[period.end : following.start]):
            joined.append(Period(period.after, following.before, start.start(), following.end))
            skip = True
        else:
            joined.append(_with_preposition(question, period))
    return tuple(joined)


def unreal(question: str) -> tuple[str, ...]:
    """The days that a question names and no calendar has, as they are written."""
    # A leap year: the 29th of February is in some calendar.
    clock = Clock(date(2000, 12, 31), date(2000, 12, 31))
    matches = (match for match in DATE.finditer(question) if _is_date(question, match))
    return tuple(match.group() for match in matches if _plain(match, clock) is None)


def _is_date(question: str, match: re.Match[str]) -> bool:
    return match["bare"] is None or bool(BARE_MONTH.search(question[: match.start()]))


@dataclass(frozen=True, slots=True)
class Clock:
    """What time words count from."""

    today: date
    newest: date


def _with_preposition(question: str, period: Period) -> Period:
    ahead = question[: period.start]
    assert period.after is not None and period.before is not None
    if match := AFTER.search(ahead):
        return Period(period.after, None, match.start(), period.end, period.counted)
    if (match := FROM.search(ahead)) and ONWARDS.match(question[period.end :]):
        return Period(period.after, None, match.start(), period.end)
    if match := LATER.search(ahead):
        return Period(_next(period.before), None, match.start(), period.end)
    if match := BEFORE.search(ahead):
        return Period(None, _previous(period.after), match.start(), period.end)
    if match := UNTIL.search(ahead):
        return Period(None, period.before, match.start(), period.end)
    return period


def _plain(match: re.Match[str], clock: Clock) -> Period | None:
    """The period that one expression names, without its preposition."""
    try:
        first, last = next(_bounds(match, clock))
    except (ValueError, OverflowError):
        return None
    # "This year" and "last winter" are said loosely, of a season of whatever is spoken of.
    close = (match["span"] or match["unit"] or "").lower() in ("week", "month", "day")
    counted = close or bool(match["near"])
    return Period(first, last, match.start(), match.end(), counted)


def _bounds(match: re.Match[str], clock: Clock) -> Iterator[tuple[date, date]]:
    today = clock.today
    said = match.groupdict()
    if said["iso"]:
        day = date.fromisoformat(said["iso"])
        yield day, day
    elif said["month_first"] or said["month_last"]:
        name = said["month_first"] or said["month_last"]
        number = int(said["day_after"] or said["day_before"])
        day = date(int(said["y1"] or said["y2"]), MONTHS[name.lower()], number)
        yield day, day
    elif said["month"]:
        yield _months(int(said["y3"]), MONTHS[said["month"].lower()], 1)
    elif said["season"]:
        yield _months(int(said["y4"]), SEASONS[said["season"].lower()], 3)
    elif said["which"]:
        yield _relative(said["which"].lower(), said["span"].lower(), today)
    elif said["ago"]:
        yield _ago(said["count"].lower(), said["unit"].lower(), today)
    elif said["near"]:
        day = today - timedelta(days=said["near"].lower() == "yesterday")
        yield day, day
    elif said["bare"]:
        yield _bare(MONTHS[said["bare"].lower()], said["bare_day"], clock.newest)
    else:
        year = int(said["year"])
        yield date(year, 1, 1), date(year, 12, 31)


def _relative(which: str, span: str, today: date) -> tuple[date, date]:
    back = 1 if which == "last" else 0
    if span == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    if span == "month":
        month = today.year * 12 + today.month - 1 - back
        return _months(month // 12, month % 12 + 1, 1)
    if span == "year":
        return date(today.year - back, 1, 1), date(today.year - back, 12, 31)
    first, last = _months(today.year, SEASONS[span], 3)
    if which == "last" and last >= today:
        first, last = _months(today.year - 1, SEASONS[span], 3)
    return first, last


def _ago(count: str, unit: str, today: date) -> tuple[date, date]:
    """The days from so many units ago until today; *a few* are three."""
    number = int(count) if count.isdigit() else 3 if count in ("three", "few") else 2
    days = number * {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
    return today - timedelta(days=days), today


def _bare(month: int, day: str | None, newest: date) -> tuple[date, date]:
    """A month or day without its year: the last one that had begun by the newest day."""
    year = newest.year if month <= newest.month else newest.year - 1
    if day is None:
        return _months(year, month, 1)
    found = date(year, month, int(day))
    found = found.replace(year=year - 1) if found > newest else found
    return found, found


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """First and last day of so many months."""
    following = year * 12 + month - 1 + count
    return date(year, month, 1), _previous(date(following // 12, following % 12 + 1, 1))


def _previous(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else day


def _next(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day

"""The periods that a question names: *since Monday*, *in the first half of 2024*."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.query.date_expressions import (
    Clock,
    Days,
    Expression,
    find_expressions,
    months,
    next_day,
    previous_day,
)

AFTER = re.compile(r"\b(?:since|starting(?: from| in| on)?)\s+(?:the\s+)?$", re.IGNORECASE)
# "From March on" has no end; "news from March" means that month.
FROM = re.compile(r"\bfrom\s+(?:the\s+)?$", re.IGNORECASE)
ONWARDS = re.compile(r"^\s*(?:on(?:wards?)?|forward)\b(?! the| a)", re.IGNORECASE)
LATER = re.compile(r"\bafter\s+(?:the\s+)?$", re.IGNORECASE)
BEFORE = re.compile(r"\b(?:before|prior to|earlier than)\s+(?:the\s+)?$", re.IGNORECASE)
UNTIL = re.compile(r"\b(?:until|till|up to)\s+(?:the\s+)?$", re.IGNORECASE)
BETWEEN = re.compile(r"\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
AND = re.compile(r"^\s*(?:and|to|until|till|-|–)\s*(?:the\s+)?$", re.IGNORECASE)
PART = re.compile(
    r"\b(?P<part>early|mid|late)[\s-](?:the\s)?$"
    r"|\b(?:the\s)?(?P<part_of>beginning|start|middle|end|(?:first|second)\shalf)\sof\s(?:the\s)?$",
    re.IGNORECASE,
)
# Which part, and of how many equal parts.
PARTS = {
    **dict.fromkeys(("early", "beginning", "start"), (0, 3)),
    **dict.fromkeys(("mid", "middle"), (1, 3)),
    **dict.fromkeys(("late", "end"), (2, 3)),
    "first half": (0, 2),
    "second half": (1, 2),
}
# In days; a shorter period has no early or late part.
SHORTEST_MONTH = 27


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``after`` to ``before``, both included; None if it is open.

    Attributes:
        start: Where the words begin in the question, preposition included.
        end: Where they end.
        relative: Whether the days are counted from today (*last week*). Years, quarters and
            seasons are not: *this year* is often meant loosely.
    """

    after: date | None
    before: date | None
    start: int
    end: int
    relative: bool = False

    def holds(self, day: date) -> bool:
        return (self.after is None or self.after <= day) and (
            self.before is None or day <= self.before
        )


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates in a question.

    Attributes:
        periods: In the order of the question.
        invalid: Days that do not exist, as they are written: *February 30*.
        ambiguous: Days that can be read in two ways, as they are written: *12/03/2024*.
    """

    periods: tuple[Period, ...] = ()
    invalid: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def extract_dates(question: str, today: date, newest: date | None = None) -> Dates:
    """The dates of a question.

    Args:
        question: In English.
        today: The reference for *last week* and *last spring*.
        newest: The last day on which an article was published, if known: *in November* is the
            latest November that had begun by then.
    """
    clock = Clock(today, newest or today)
    found: list[tuple[Expression, Period]] = []
    invalid: list[str] = []
    ambiguous: list[str] = []
    for expression in find_expressions(question):
        if days := expression.days(clock):
            found.append((expression, _period(question, expression, days)))
        elif expression.is_ambiguous:
            ambiguous.append(expression.text)
        elif expression.names_day:
            invalid.append(expression.text)
    return Dates(tuple(_joined(question, found, clock)), tuple(invalid), tuple(ambiguous))


def _period(question: str, expression: Expression, days: Days) -> Period:
    """The period of an expression, perhaps a part of a month, year or decade: *early 2024*."""
    start, end = expression.span
    match = PART.search(question[:start])
    if match and (days.last - days.first).days >= SHORTEST_MONTH:
        place, of = PARTS[" ".join((match["part"] or match["part_of"]).lower().split())]
        days, start = _part(days, place, of), match.start()
    return Period(*days, start, end, expression.is_relative)


def _part(days: Days, place: int, of: int) -> Days:
    """One of ``of`` equal parts, counted from 0; a third of a month is ten days."""
    first, last = days
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if count < of:
        length = 30 // of
        return Days(
            first.replace(day=place * length + 1),
            last if place == of - 1 else first.replace(day=(place + 1) * length),
        )
    begin, end = count * place // of, count * (place + 1) // of
    return months(first.year, first.month + begin, end - begin)


def _joined(
    question: str, found: Sequence[tuple[Expression, Period]], clock: Clock
) -> Iterator[Period]:
    """The periods with their prepositions; *between March and May* is one."""
    place = 0
    while place < len(found):
        expression, period = found[place]
        following = found[place + 1][1] if place + 1 < len(found) else None
        opening = BETWEEN.search(question[: period.start])
        if following and opening and AND.match(question[period.end : following.start]):
            after = period.after
            if after and following.before and after > following.before:
                # "From November to March 2024": the first month takes its year from the second.
                days = expression.days(replace(clock, newest=following.before))
                after = days.first if days else after
            yield Period(after, following.before, opening.start(), following.end)
            place += 2
        else:
            yield _with_preposition(question, period)
            place += 1


def _with_preposition(question: str, period: Period) -> Period:
    ahead = question[: period.start]
    assert period.after is not None and period.before is not None
    if match := AFTER.search(ahead):
        return replace(period, before=None, start=match.start())
    free = replace(period, relative=False)
    if (match := FROM.search(ahead)) and ONWARDS.match(question[period.end :]):
        return replace(free, before=None, start=match.start())
    if match := LATER.search(ahead):
        return replace(free, after=next_day(period.before), before=None, start=match.start())
    if match := BEFORE.search(ahead):
        return replace(free, after=None, before=previous_day(period.after), start=match.start())
    if match := UNTIL.search(ahead):
        return replace(free, after=None, start=match.start())
    return period

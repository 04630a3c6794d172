"""Months, weekdays and years."""

from __future__ import annotations

import re

# By name or abbreviation in lower case; 1 is January.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
# For building patterns: "january|february|…", no name hidden by a shorter one before it.
ANY_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
# For building patterns: "3", "3rd".
DAY_OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
# Monday first, as `datetime.date.weekday` counts.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b", re.IGNORECASE)
# "may" and "march" are months only in capitals; a modal verb or a walk otherwise.
MONTH = re.compile(rf"\b(?:{ANY_MONTH.title()})\b")
YEAR = re.compile(r"(?<![\w.,$€£₹])(?:1[89]|20|21)\d\d(?:s\b|(?![\w%]|[.,]\d))")


def date_words(text: str) -> frozenset[str]:
    """Years, months and weekdays named in a text, months by their English name."""
    months = (MONTHS[m.group().lower()] for m in MONTH.finditer(text))
    return frozenset(
        [m.group() for m in YEAR.finditer(text)]
        + [_MONTH_NAMES[month] for month in months]
        + [m.group().lower() for m in WEEKDAY.finditer(text)]
    )


_MONTH_NAMES = {number: name for name, number in reversed(MONTHS.items())}


def month_name(month: int) -> str:
    """The English name of a month, 1 to 12, in lower case."""
    return _MONTH_NAMES[month]

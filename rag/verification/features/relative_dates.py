"""Dates as they are said: years, months, weekdays, and days counted from the publication."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rag import text as texts

RELATIVE_DAYS = {"today": 0, "tonight": 0, "this morning": 0, "yesterday": -1, "tomorrow": 1}
RELATIVE = re.compile(
    r"\b(?P<day>today|tonight|this morning|yesterday|tomorrow)\b"
    r"|\b(?P<way>last|this|next|earlier this|later this)\s+(?P<unit>week|month|year)\b"
    rf"|\b(?P<count>\d{{1,2}}|a|{texts.ANY_NUMBER_WORD})\s+"
    r"(?P<units>day|week|month|year)s?\s+ago\b",
    re.IGNORECASE,
)
# "3 May 2024", "May 3, 2024", "May 3rd": the day of the month beside its month.
MONTH_DAY = re.compile(
    rf"(?:{texts.MONTH.pattern})\.?\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d|,\d{{3}})"
    rf"|\b(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{texts.MONTH.pattern})"
)


def month_days(text: str) -> frozenset[str]:
    """Days of the month that stand beside a month, as digits."""
    return frozenset(
        str(int(match["after"] or match["before"])) for match in MONTH_DAY.finditer(text)
    )


def kind_of(word: str) -> str:
    """``year``, ``day`` of a month, ``month`` or ``weekday``, for a word of a date."""
    if word.isdigit():
        return "year" if len(word) > 2 else "day"
    return "month" if word in texts.MONTHS else "weekday"


def resolve_dates(text: str, published: date | None) -> frozenset[str]:
    """The date words that a text's relative dates and weekdays stand for, by its publication.

    "Yesterday" in an article of 3 March 2025 stands for March, 2025, and Sunday. The year and
    month of publication count as known for a weekday that is named alone.
    """
    if published is None:
        return frozenset()
    found: set[str] = set()
    for match in RELATIVE.finditer(text):
        found |= _words_of(_day(match, published), match)
    if texts.WEEKDAY.search(text):
        for back in range(7):
            day = published - timedelta(days=back)
            if texts.WEEKDAYS[day.weekday()] in text.lower():
                found |= {str(day.year), texts.month_name(day.month), str(day.day)}
    return frozenset(found)


def _day(match: re.Match[str], published: date) -> date:
    if match["day"]:
        return published + timedelta(days=RELATIVE_DAYS[match["day"].lower()])
    if match["way"]:
        step = {"last": -1, "next": 1}.get(match["way"].lower(), 0)
        return _moved(published, match["unit"].lower(), step)
    counted = match["count"].lower()
    number = int(counted) if counted.isdigit() else int(texts.NUMBER_WORDS.get(counted, 1))
    return _moved(published, match["units"].lower(), -number)


def _moved(start: date, unit: str, steps: int) -> date:
    if unit in ("day", "week"):
        return start + timedelta(days=steps * (7 if unit == "week" else 1))
    months = start.year * 12 + start.month - 1 + steps * (12 if unit == "year" else 1)
    return date(max(1, months // 12), months % 12 + 1, min(start.day, 28))


def _words_of(day: date, match: re.Match[str]) -> set[str]:
    unit = (match["unit"] or match["units"] or "day").lower()
    words = {str(day.year)}
    if unit != "year":
        words.add(texts.month_name(day.month))
    if unit == "day":
        words |= {texts.WEEKDAYS[day.weekday()], str(day.day)}
    return words

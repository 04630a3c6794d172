"""Dates as they are said: years, months, weekdays, and days counted from the publication."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rag import text as texts

# Days from the publication; a longer form comes before one that it contains.
RELATIVE_DAYS = {
    "day before yesterday": -2,
    "day after tomorrow": 2,
    "night before last": -2,
    "last night": -1,
    "yesterday": -1,
    "tomorrow": 1,
    "today": 0,
    "tonight": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
}
STEPS = {"last": -1, "next": 1, "before last": -2, "after next": 2}
DAYS = {"day": 1, "week": 7, "fortnight": 14}
_UNIT = "week|fortnight|month|year"
RELATIVE = re.compile(
    rf"\b(?P<day>{'|'.join(RELATIVE_DAYS)})\b"
    rf"|\b(?P<unit>{_UNIT})\s+(?P<turn>before last|after next)\b"
    rf"|\b(?P<way>last|this|next|earlier this|later this)\s+(?P<unit_after>{_UNIT})\b"
    rf"|(?<![\d.,])\b(?P<count>\d{{1,3}}|a|(?:{texts.ANY_NUMBER_WORD})(?:[\s-]"
    rf"(?:{texts.ANY_NUMBER_WORD}))?)\s+(?P<units>day|{_UNIT})s?\s+(?P<side>ago|from now|hence)\b",
    re.IGNORECASE,
)
# "3 May 2024", "May 3, 2024", "May 3rd": the day of the month beside its month.
MONTH_DAY = re.compile(
    rf"(?:{texts.MONTH.pattern})\.?\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d|,\d{{3}})"
    rf"|\b(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{texts.MONTH.pattern})"
)


def month_days(text: str) -> frozenset[str]:
    """Days of the month next to its name, as digits."""
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

    "Yesterday" in an article of 3 March 2025 means March, 2025, and Sunday. The year and
    month of publication count as known for a weekday that is named alone.
    """
    if published is None:
        return frozenset()
    found: set[str] = set()
    for match in RELATIVE.finditer(text):
        found |= _words_of(match, published)
    if texts.WEEKDAY.search(text):
        for back in range(7):
            day = published - timedelta(days=back)
            if texts.WEEKDAYS[day.weekday()] in text.lower():
                found |= {str(day.year), texts.month_name(day.month), str(day.day)}
    return frozenset(found)


def _words_of(match: re.Match[str], published: date) -> set[str]:
    """The date words of a relative date, as exact as it is."""
    said = {name: words.lower() for name, words in match.groupdict().items() if words}
    unit = said.get("unit") or said.get("unit_after") or "day"
    if "day" in said:
        day = _moved(published, unit, RELATIVE_DAYS[said["day"]])
    elif "count" in said:
        number = texts.numbers(said["count"])
        steps = int(number[0].value) if number else 1
        unit = said["units"]
        day = _moved(published, unit, -steps if said["side"] == "ago" else steps)
        unit = "day" if unit in DAYS else unit
    else:
        day = _moved(published, unit, STEPS.get(said.get("way") or said["turn"], 0))
    words = {str(day.year)}
    if unit != "year":
        words.add(texts.month_name(day.month))
    if unit == "day":
        words |= {texts.WEEKDAYS[day.weekday()], str(day.day)}
    return words


def _moved(start: date, unit: str, steps: int) -> date:
    if unit in DAYS:
        return start + timedelta(days=steps * DAYS[unit])
    months = start.year * 12 + start.month - 1 + steps * (12 if unit == "year" else 1)
    return date(max(1, months // 12), months % 12 + 1, min(start.day, 28))

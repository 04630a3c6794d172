"""Numbers with their units and roundings, and dates as they are said, from the publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from rag import text as texts

# About half a unit in the second figure: "about 25" may stand for 24.6 and "nearly 11" for 10.9.
ROUNDING = 0.05

ROUGHLY = re.compile(
    r"\b(?:about|around|roughly|approximately|some|nearly|almost|close to|an estimated|circa"
    r"|more than|over|at least|less than|under|fewer than|up to|just)\s+(?:(?:a|the)\s+)?\W{0,2}$",
    re.IGNORECASE,
)
# Words after a number that name its unit; other words are kept as stems.
SAME_UNIT = {
    "percentage": "%",
    "percent": "%",
    "dollar": "$",
    "usd": "$",
    "euro": "€",
    "eur": "€",
    "pound": "£",
    "yen": "¥",
    "yuan": "¥",
    "rmb": "¥",
    texts.lemma("rupee"): "₹",
    "inr": "₹",
    "kilometre": "km",
    "kilometer": "km",
    "mile": "mile",
    "hour": "hour",
    "hr": "hour",
    "minute": "minut",
    "min": "minut",
    **{stem: stem for stem in map(texts.lemma, "second day week month year decade".split())},
}
# What stands between "from" or "to" and its number.
TOWARDS = re.compile(
    r"\b(?P<end>from|to)\s+(?:(?:about|around|nearly|over|just)\s+)?\S{0,4}$", re.IGNORECASE
)
# Stems of the words that numbers are spelled with.
SPELLED = frozenset(
    texts.lemma(word) for word in (*texts.MAGNITUDES, *texts.NUMBER_WORDS, "percent", "percentage")
)


class Quantity(NamedTuple):
    """A number, what it counts (a stem, a currency, ``%`` or ``""``), and whether it is rough."""

    value: float
    unit: str
    counted: str
    rough: bool
    text: str


def extract_quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text in order of figures, then words; years stay with the dates."""
    found = []
    years = texts.date_words(text)
    for number in texts.numbers(text):
        at = text.find(number.text)
        after = text[at + len(number.text) : at + len(number.text) + 40]
        counted = _counted(after)
        unit = number.unit or SAME_UNIT.get(counted, "")
        if number.text in years and not unit:
            continue
        rough = bool(ROUGHLY.search(text[max(0, at - 24) : at]))
        found.append(Quantity(number.value, unit, counted, rough, number.text))
    return tuple(found)


def _counted(after: str) -> str:
    """Stem of the first content word after a number, in the same clause."""
    clause = re.split(r"[.,;:()]\s", after, maxsplit=1)[0]
    stems = texts.content_lemmas(clause)
    return stems[0] if stems else ""


def change(text: str) -> tuple[float, float] | None:
    """The two values of "from 3 to 5", or of "to 5 from 3": (3, 5); None if there are not two."""
    ends: dict[str, set[float]] = {"from": set(), "to": set()}
    for number in texts.numbers(text):
        towards = TOWARDS.search(text[: text.find(number.text)])
        if towards:
            ends[towards["end"].lower()].add(number.value)
    if len(ends["from"]) != 1 or len(ends["to"]) != 1:
        return None
    return ends["from"].pop(), ends["to"].pop()


def quantities_agree(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are the same, one of them perhaps rounded."""
    scale = max(abs(one.value), abs(other.value), 1e-9)
    apart = abs(one.value - other.value) / scale
    units = one.unit == other.unit or "" in (one.unit, other.unit)
    return units and (apart <= 1e-6 or ((one.rough or other.rough) and apart <= ROUNDING))


def missing_quantities(
    claimed: Sequence[Quantity], said: Iterable[Quantity]
) -> tuple[Quantity, ...]:
    """The claimed quantities that nothing said agrees with."""
    known = tuple(said)
    return tuple(
        item for item in claimed if not any(quantities_agree(item, other) for other in known)
    )


def points_back(item: Quantity, text: str) -> bool:
    """Whether a spelled number only points back, as in *the two*, *both sides*, *one of them*."""
    word = re.escape(item.text)
    pointing = rf"\b(?:the|these|those|both)\s+{word}\b|\b{word}\s+of\s+(?:them|these|those)\b"
    return not is_in_figures(item) and bool(re.search(pointing, text, re.IGNORECASE))


def is_in_figures(item: Quantity) -> bool:
    """Whether a number is written in figures and not in words."""
    return any(character.isdigit() for character in item.text)


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

"""Numbers in figures and in words; months, weekdays and years."""

from __future__ import annotations

import re
from math import prod
from typing import NamedTuple

MAGNITUDES = {
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
    "hundred": 1e2,
    "dozen": 12.0,
    "lakh": 1e5,
    "lac": 1e5,
    "crore": 1e7,
    "cr": 1e7,
}
# For building patterns: "crore", "thousands", "lakh crore"; and with short forms, "bn".
_WORD = rf"(?:{'|'.join(word for word in MAGNITUDES if len(word) > 2)})s?"
ANY_MAGNITUDE_WORD = rf"{_WORD}(?:[\s-]{_WORD}){{0,2}}"
_ANY_MAGNITUDE = "|".join([ANY_MAGNITUDE_WORD, *(word for word in MAGNITUDES if len(word) <= 2)])
NUMBER_WORDS = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {
    word: float(value)
    for value, word in zip(
        range(20, 100, 10),
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        strict=True,
    )
}
# For building patterns: "seventeen|…|six|one", no word hidden by a shorter one before it.
ANY_NUMBER_WORD = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_UNIT = "|".join(word for word, value in NUMBER_WORDS.items() if 1 <= value <= 9)
# Numbers that words of grammar make: "one of the", "no one", "two-way" assert no quantity.
VAGUE = frozenset({"zero", "one"})

NUMBER = re.compile(
    # Some write the country after the sign: $US5 million.
    r"(?:(?P<currency>[$€£¥₹])(?:US|AU?|CA?|NZ|HK|SG?)?\s?|(?<![\w.]))"
    r"(?P<digits>\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th)?"
    r"(?:\s?(?P<percent>%|percent\b|per cent\b)"
    rf"|[\s-]?(?P<magnitude>{_ANY_MAGNITUDE})\b)?",
    re.IGNORECASE,
)
SPELLED = re.compile(
    rf"\b(?P<word>{ANY_NUMBER_WORD})(?:[\s-](?P<unit>{_UNIT}))?"
    rf"(?:[\s-](?P<magnitude>{ANY_MAGNITUDE_WORD}))?\b",
    re.IGNORECASE,
)


class Number(NamedTuple):
    """A quantity: its value with the magnitude multiplied in, and ``%``, a currency or ``""``."""

    value: float
    unit: str
    text: str


def numbers(text: str) -> tuple[Number, ...]:
    """The quantities in a text, in figures or words. Parts of names (GPT-4, R1) are left out."""
    found = []
    for match in NUMBER.finditer(text):
        digits = match["digits"].rstrip(",")
        value = float(digits.replace(",", "")) * _magnitude(match)
        unit = "%" if match["percent"] else (match["currency"] or "")
        if _is_part_of_name(text, match.start("digits"), match.end()):
            continue
        found.append(Number(value, unit, match.group().strip().rstrip(",")))
    for match in SPELLED.finditer(text):
        word = match["word"].lower()
        if word in VAGUE and not match["magnitude"]:
            continue
        value = NUMBER_WORDS[word]
        if match["unit"] and value >= 20:
            value += NUMBER_WORDS[match["unit"].lower()]
        found.append(Number(value * _magnitude(match), "", match.group()))
    return tuple(found)


def _magnitude(match: re.Match[str]) -> float:
    """What the words after a number multiply it by: "lakh crore", "million"."""
    words = re.findall(r"[a-z]+", (match["magnitude"] or "").lower())
    return prod(MAGNITUDES[word.removesuffix("s")] for word in words)


def _is_part_of_name(text: str, start: int, end: int) -> bool:
    joined_before = start > 1 and text[start - 1] in "-‑" and text[start - 2].isalpha()
    joined_after = end < len(text) and text[end].isalpha()
    return joined_before or joined_after


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

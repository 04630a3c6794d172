"""Numbers, dates, names and negation: what must agree before words are compared at all."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.text import analysis as texts

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
}
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
# Numbers that words of grammar make: "one of the", "no one", "two-way" assert no quantity.
VAGUE = frozenset({"zero", "one"})

NUMBER = re.compile(
    r"(?P<currency>[$€£¥])?\s?(?<![\w.])(?P<digits>\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th)?"
    r"(?:\s?(?P<percent>%|percent\b|per cent\b)"
    r"|[\s-]?(?P<magnitude>thousand|million|billion|trillion|hundred|dozen|mn|bn|tn|k|m|b)\b)?",
    re.IGNORECASE,
)
SPELLED = re.compile(
    r"\b(?P<word>"
    + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
    + r")(?:[\s-](?P<unit>one|two|three|four|five|six|seven|eight|nine))?"
    r"(?:[\s-](?P<magnitude>hundred|thousand|million|billion|trillion|dozen))?\b",
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
        value = float(digits.replace(",", ""))
        magnitude = (match["magnitude"] or "").lower()
        value *= MAGNITUDES.get(magnitude, 1.0)
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
        value *= MAGNITUDES.get((match["magnitude"] or "").lower(), 1.0)
        found.append(Number(value, "", match.group()))
    return tuple(found)


def _is_part_of_name(text: str, start: int, end: int) -> bool:
    joined_before = start > 1 and text[start - 1] in "-‑" and text[start - 2].isalpha()
    joined_after = end < len(text) and text[end].isalpha()
    return joined_before or joined_after


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
WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
WEEKDAY = re.compile(r"\b(?:" + "|".join(WEEKDAYS) + r")\b", re.IGNORECASE)
# "may" and "march" are months only in capitals; a modal verb or a walk otherwise.
MONTH = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b"
)
YEAR = re.compile(r"(?<![\w.,$€£])(?:1[89]|20|21)\d\d(?:s\b|(?![\w%]|[.,]\d))")


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


def name_words(text: str) -> frozenset[str]:
    """Words that are written as names: with a capital where grammar asks for none.

    The first word of a sentence counts only if it has a capital or figure inside (DeepSeek, R1)
    or stands in front of another name word.
    """
    found = set()
    for span in texts.sentences(text):
        sentence = text[span.start : span.end]
        matches = list(texts.WORD.finditer(sentence))
        for position, match in enumerate(matches):
            word = match.group()
            if not _is_written_as_name(word):
                continue
            opens = position == 0 or sentence[: match.start()].rstrip()[-1:] in ':“"‘'
            if opens and not any(c.isupper() or c.isdigit() for c in word[1:]):
                following = matches[position + 1].group() if position + 1 < len(matches) else ""
                if not _is_written_as_name(following) or word.lower() in texts.STOP_WORDS:
                    continue
            lowered = texts.words(word)
            if lowered and lowered[0] not in NOT_NAMES:
                found.add(lowered[0])
    return frozenset(found)


NOT_NAMES = (
    texts.STOP_WORDS | frozenset(MONTHS) | WEEKDAYS | frozenset("yes no not never ok".split())
)


def _is_written_as_name(word: str) -> bool:
    return any(character.isupper() for character in word)


NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t|unable|fail(?:s|ed)?"
    r"|refus(?:e|es|ed)|den(?:y|ies|ied)|reject(?:s|ed)?|lack(?:s|ed)?|hardly|barely)\b",
    re.IGNORECASE,
)
# "not only", "no longer than", "nothing but" do not turn a statement round.
FALSE_NEGATION = re.compile(
    r"\bnot (?:only|just|merely|simply|necessarily)\b|\bno doubt\b", re.IGNORECASE
)


def negations(text: str) -> int:
    """How many times a text denies something."""
    return len(NEGATION.findall(text)) - len(FALSE_NEGATION.findall(text))

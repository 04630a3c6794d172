"""Which kind of fact a question asks for, and whether a sentence holds one of that kind."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag import text as texts

Holds = Callable[[str, str], bool]

# Largest distance, in words, from a number to what it counts: "14 of the old boats".
AROUND = 5

ASKS_MONEY = re.compile(
    r"\bhow much\b.*"
    r"\b(?:cost|invest|pay|paid|price|rais|spen[dt]|worth|fund|earn|charge|money|sell)",
    re.IGNORECASE,
)
ASKS_COUNT = re.compile(
    r"\bhow many (?P<many>[\w'’-]+(?: [\w'’-]+)?)|\b(?:number|amount|count) of (?P<of>[\w'’-]+)",
    re.IGNORECASE,
)
ASKS_NUMBER = re.compile(
    r"\bhow (?:much|old|long|far|tall|big|large|fast|high|often)\b|\bpercent(?:age)?\b",
    re.IGNORECASE,
)
ASKS_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)
ASKS_TIME = re.compile(
    r"^when (?:was|were|did|is|are|will)\b|\b(?:what|which) (?:date|day|month|time)\b",
    re.IGNORECASE,
)
ASKS_NAME = re.compile(
    r"^(?:and |so )?who(?:'s|’s|s|m|se)?\b|\bname of\b"
    r"|\b(?:which|what) (?:company|companies|person|city|country|firm|court|chip|state|place)\b",
    re.IGNORECASE,
)
ROUGH_NUMBER = re.compile(
    r"\b(?:hundreds|thousands|lakhs|millions|crores|billions|trillions|dozens|half|twice|double"
    r"|an? (?:day|week|month|year|decade|hour))\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    rf"[$€£¥₹]?\d[\d,.]*%?|(?:{texts.ANY_NUMBER_WORD})(?:-(?:{texts.ANY_NUMBER_WORD}))?"
    r"|dozens?|hundreds?|thousands?|lakhs?|millions?"
    r"|crores?|billions?|half|single|pair|couple|both|first|second|third|fourth|fifth|sixth|seventh|eighth"
    r"|ninth|tenth|\d+(?:st|nd|rd|th)",
    re.IGNORECASE,
)
TIME_WORDS = re.compile(
    r"\b(?:yesterday|today|tomorrow|ago|(?:last|next|this|past|earlier (?:in the|this)) "
    r"(?:\w+ )?(?:week|month|year|day|decade|spring|summer|autumn|fall|winter)s?)\b",
    re.IGNORECASE,
)


def kind_asked(question: str) -> Holds | None:
    """A function of sentence and question: does the sentence hold the kind of fact asked for?

    None if the question asks for neither a number, a time nor a name.
    """
    return next((holds for asks, holds in KINDS if asks.search(question)), None)


def _holds_money(text: str, question: str) -> bool:
    return any(number.unit not in ("", "%") for number in texts.numbers(text))


def _holds_count(text: str, question: str) -> bool:
    """Whether it has a number of the things that are counted, not of others."""
    asked = ASKS_COUNT.search(question)
    if asked is None:
        return False
    things = {texts.stem(word) for word in texts.words(asked["many"] or asked["of"])}
    words = texts.words(text)
    return any(
        COUNTED.fullmatch(word)
        and things & {texts.stem(other) for other in words[max(0, place - AROUND) : place + AROUND]}
        for place, word in enumerate(words)
    )


def _holds_number(text: str, question: str) -> bool:
    return bool(texts.numbers(text) or ROUGH_NUMBER.search(text))


def _holds_year(text: str, question: str) -> bool:
    return bool(texts.YEAR.search(text))


def _holds_time(text: str, question: str) -> bool:
    return bool(texts.date_words(text) or TIME_WORDS.search(text))


def _holds_name(text: str, question: str) -> bool:
    """Whether it has a name that is not in the question."""
    return bool(texts.name_words(text) - set(texts.words(question)))


KINDS = (
    (ASKS_MONEY, _holds_money),
    (ASKS_YEAR, _holds_year),
    (ASKS_TIME, _holds_time),
    (ASKS_COUNT, _holds_count),
    (ASKS_NUMBER, _holds_number),
    (ASKS_NAME, _holds_name),
)

"""Numbers with their units, magnitudes, ranges and roundings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rag import text as texts
from rag.verification.features import lemmas

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
    lemmas.lemma("rupee"): "₹",
    "inr": "₹",
    "kilometre": "km",
    "kilometer": "km",
    "mile": "mile",
    "hour": "hour",
    "hr": "hour",
    "minute": "minut",
    "min": "minut",
    **{stem: stem for stem in map(lemmas.lemma, "second day week month year decade".split())},
}
# What stands between "from" or "to" and its number.
TOWARDS = re.compile(
    r"\b(?P<end>from|to)\s+(?:(?:about|around|nearly|over|just)\s+)?\S{0,4}$", re.IGNORECASE
)
# Stems of the words that numbers are spelled with.
SPELLED = frozenset(
    lemmas.lemma(word) for word in (*texts.MAGNITUDES, *texts.NUMBER_WORDS, "percent", "percentage")
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
    stems = lemmas.content_lemmas(clause)
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

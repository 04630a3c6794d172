"""Small changes to a sentence: some keep what it says, some turn it into something false."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_LEAD_INS = (
    "According to the article,", "According to the text,", "According to the report,",
    "The article says that", "The article states that", "The article notes that",
    "The text explains that", "The report adds that", "As the article puts it,",
    "It is reported that", "In short,", "In summary,", "Overall,", "For example,",
    "In addition,", "Moreover,", "Notably,", "Specifically,", "In other words,", "However,",
    "At the same time,", "Based on the articles,", "The source also mentions that",
    "One point is that", "As a result of what is described,", "In fact,", "Meanwhile,",
    "Per the article,", "The piece reports that", "Key point:", "To sum up,", "Also,",
)  # fmt: skip
_OPPOSITES = (
    ("increase", "decrease"), ("increased", "decreased"), ("more", "fewer"), ("rose", "fell"),
    ("higher", "lower"), ("before", "after"), ("first", "last"), ("won", "lost"),
    ("win", "loss"), ("best", "worst"), ("largest", "smallest"), ("most", "few"),
    ("all", "none"), ("always", "never"), ("approved", "rejected"), ("accepted", "refused"),
    ("began", "ended"), ("started", "stopped"), ("open", "closed"), ("up", "down"),
    ("early", "late"), ("earlier", "later"), ("old", "new"), ("men", "women"), ("he", "she"),
    ("with", "without"), ("both", "neither"), ("agreed", "declined"), ("buy", "sell"),
    ("bought", "sold"), ("left", "joined"), ("above", "below"), ("over", "under"),
    ("maximum", "minimum"), ("success", "failure"), ("gained", "shed"), ("strong", "weak"),
    ("allowed", "banned"), ("may", "must"), ("could", "will"), ("plans to", "refuses to"),
    ("denied", "admitted"), ("confirmed", "denied"), ("gave", "took"), ("north", "south"),
    ("east", "west"), ("morning", "evening"), ("raised", "cut"), ("public", "private"),
)  # fmt: skip
_OPPOSITE = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_DENIABLE = re.compile(r"\b(is|are|was|were|will|can|could|would|should|has|have|had|did|does)\b")
_DENIED = re.compile(r"\b(?:not|never|n't)\b ?|n['’]t\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WRITTEN = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
_NAME = re.compile(r"(?<![.?!\"“] )(?<!^)\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_ANY_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+|(?<=[a-z,] )[A-Z][\w'’-]+")
_MONTHS = ("January February March April May June July August September October November "
           "December Monday Tuesday Wednesday Thursday Friday Saturday Sunday").split()  # fmt: skip


def with_lead_in(sentence: str, chance: random.Random) -> str:
    """The same claim after words that claim nothing themselves."""
    lead = chance.choice(_LEAD_INS)
    first = sentence.split(" ", 1)[0]
    # Only words that are certainly no names may lose their capital.
    if first in ("The", "A", "An", "It", "He", "She", "They", "In", "On", "At", "His", "Her",
                 "This", "These", "There", "Their", "After", "Before", "One", "Both"):  # fmt: skip
        sentence = sentence[0].lower() + sentence[1:]
    return f"{lead} {sentence}"


def names(text: str) -> list[str]:
    """Stretches that look like names and are not the first word of a sentence."""
    return [name for name in _ANY_NAME.findall(text) if name not in _MONTHS]


def falsified(sentence: str, chance: random.Random, others: Sequence[str]) -> str | None:
    """The sentence with a number, a name, a negation or one word changed; None if none can be.

    ``others`` are names from around the sentence, one of which may take another's place.
    """
    ways = [_number, _deny, _opposite, _date]
    chance.shuffle(ways)
    if chance.random() < 0.4:
        changed = _swap(sentence, chance, others)
        if changed:
            return changed
    for way in ways:
        changed = way(sentence, chance)
        if changed and changed != sentence:
            return changed
    return _swap(sentence, chance, others)


def _replaced(sentence: str, found: re.Match[str], new: str) -> str:
    return sentence[: found.start()] + new + sentence[found.end() :]


def _number(sentence: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if found:
        one = chance.choice(found)
        digits = list(one[0])
        places = [i for i, digit in enumerate(digits) if digit.isdigit()]
        place = chance.choice(places[-2:])
        first = place == places[0]
        digits[place] = chance.choice([d for d in "0123456789"[first:] if d != digits[place]])
        return _replaced(sentence, one, "".join(digits))
    for one in re.finditer(r"\b[a-z]+\b", sentence):
        if one[0] in _WRITTEN:
            return _replaced(sentence, one, chance.choice([w for w in _WRITTEN if w != one[0]]))
    return None


def _date(sentence: str, chance: random.Random) -> str | None:
    found = [one for one in re.finditer(r"\b[A-Z][a-z]+\b", sentence) if one[0] in _MONTHS]
    if not found:
        return None
    one = chance.choice(found)
    family = _MONTHS[:12] if one[0] in _MONTHS[:12] else _MONTHS[12:]
    return _replaced(sentence, one, chance.choice([name for name in family if name != one[0]]))


def _deny(sentence: str, chance: random.Random) -> str | None:
    denied = _DENIED.search(sentence)
    if denied:
        kept = sentence[: denied.start()].replace(" ca", " can") + " " + sentence[denied.end() :]
        return re.sub(r"\s+", " ", kept)
    found = list(_DENIABLE.finditer(sentence))
    if not found:
        return None
    one = found[0]
    word = chance.choice(("not", "not", "never")) if one[0] not in ("is", "are") else "not"
    return _replaced(sentence, one, f"{one[0]} {word}")


def _opposite(sentence: str, chance: random.Random) -> str | None:
    found = [one for one in re.finditer(r"\b[a-z]+\b", sentence) if one[0] in _OPPOSITE]
    if not found:
        return None
    one = chance.choice(found)
    return _replaced(sentence, one, _OPPOSITE[one[0]])


def _swap(sentence: str, chance: random.Random, others: Sequence[str]) -> str | None:
    found = list(_NAME.finditer(sentence))
    found = [one for one in found if one[0] not in _MONTHS]
    mine = " ".join(one[0] for one in found)
    others = [name for name in others if name not in sentence and name not in mine]
    if not found or not others:
        return None
    return _replaced(sentence, chance.choice(found), chance.choice(others))

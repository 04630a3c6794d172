"""Who did what to whom: two names that changed places around the same deed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import text as texts

PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being|be|gets?|got)\b[^.;:]{0,40}?\b\w+(?:ed|en|wn|ld|ght|de|id|nt)\b"
    r"[^.;:]{0,60}?\bby\b",
    re.IGNORECASE,
)

# Stems from one party to the other, at most.
REACH = 25


def swapped_pairs(
    claim: Sequence[str], said: Sequence[str], parties: frozenset[str], *, turned: bool = False
) -> tuple[tuple[str, str], ...]:
    """Pairs of parties around a shared word, in one order here and in the other there.

    ``claim`` and ``said`` are stems in order; ``parties`` those that may act. A pair counts if the
    same content word is between them both times and the order never agrees. With ``turned``,
    one of the two is a passive, and the same order is the wrong one.
    """
    acting = [s for s in dict.fromkeys(claim) if s in parties and s in said]
    found = []
    for place, one in enumerate(acting):
        for other in acting[place + 1 :]:
            first, second = (one, other) if _between(claim, one, other) else (other, one)
            here = _between(claim, first, second)
            same, other_way = _between(said, first, second), _between(said, second, first)
            wrong, right = (same, other_way) if turned else (other_way, same)
            if here & wrong and not here & right:
                found.append((first, second))
    return tuple(found)


def _between(order: Sequence[str], one: str, other: str) -> frozenset[str]:
    """Content words between the first party and the nearest second one after it."""
    found: set[str] = set()
    start = -1
    for _ in range(order.count(one)):
        start = order.index(one, start + 1)
        after = order[start + 1 : start + REACH]
        if other in after:
            between = after[: after.index(other)]
            if one not in between:
                found.update(between)
    return frozenset(found - texts.STOP_WORDS)


def around(text: str, parties: frozenset[str]) -> str:
    """The text from the first word with one of these stems to the last; all of it without two.

    A passive elsewhere in the sentence says nothing of what they did.
    """
    found = [
        match
        for match in texts.WORD.finditer(text)
        if not parties.isdisjoint(map(texts.stem, texts.words(match[0])))
    ]
    return text[found[0].start() : found[-1].end()] if len(found) > 1 else text


def is_passive(text: str) -> bool:
    """Whether a sentence turns its deed round: ``was sued by``."""
    return bool(PASSIVE.search(text))

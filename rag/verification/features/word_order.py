"""A sentence beside an article's words in order: what is kept, inserted or swapped.

Two names that changed places around the same deed say that another one did it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from rag import text as texts


class Difference(NamedTuple):
    """How a sentence differs from the words it is laid beside.

    Attributes:
        kept: Share of the sentence's words that occur there in the same order, 0..1.
        inserted: Stems of the sentence that have no counterpart in the article.
        removed: Stems of the article, left out between the first kept word and the last.
        swapped: Content stems that swapped places.
    """

    kept: float
    inserted: tuple[str, ...]
    removed: tuple[str, ...]
    swapped: tuple[str, ...]


def align(claim: Sequence[str], said: Sequence[str]) -> Difference:
    """Compares stems in order. ``removed`` counts only from the first kept word to the last."""
    matcher = SequenceMatcher(None, said, claim, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return Difference(0.0, tuple(claim), (), ())
    first, last = blocks[0].a, blocks[-1].a + blocks[-1].size
    put: list[str] = []
    left: list[str] = []
    changes: list[tuple[set[str], set[str]]] = []
    for tag, a_start, a_end, b_start, b_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        put.extend(claim[b_start:b_end])
        left.extend(said[max(first, a_start) : min(last, a_end)])
        gone, come = said[a_start:a_end], claim[b_start:b_end]
        changes.append(({s for s in gone if is_content(s)}, {s for s in come if is_content(s)}))
    kept = sum(block.size for block in blocks) / len(claim)
    return Difference(kept, tuple(put), tuple(left), _swapped(changes))


def _swapped(changes: Sequence[tuple[set[str], set[str]]]) -> tuple[str, ...]:
    """What left one place and came to another, while that one's words came to the first.

    A clause that only moved leaves one place and comes to another, and nothing comes back.
    """
    found: dict[str, None] = {}
    for number, (gone, come) in enumerate(changes):
        for other_gone, other_come in changes[number + 1 :]:
            there, back = gone & other_come, come & other_gone
            if there and back:
                found.update(dict.fromkeys(sorted((there | back) - (there & back))))
    return tuple(found)


def is_content(stem: str) -> bool:
    """Whether a stem carries content."""
    return stem not in texts.STOP_WORDS


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

"""Aligns a sentence with an article's words: what is kept in order, inserted or swapped."""

from __future__ import annotations

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

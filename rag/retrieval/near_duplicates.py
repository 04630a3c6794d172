"""Drops passages that nearly repeat a better one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from rag import text as texts
from rag.retrieval.fusion import Ranked

Trigrams = frozenset[tuple[str, ...]]

# Two passages are copies if the shorter one shares this part of its word triples.
SAME_TEXT = 0.8


def drop_near_duplicates(
    ranked: Sequence[Ranked], text_of: Mapping[str, str], k: int
) -> tuple[Ranked, ...]:
    """The best ``k`` of a ranking, without passages that nearly repeat a better one."""
    kept: list[Ranked] = []
    seen: list[Trigrams] = []
    for item in ranked:
        if len(kept) == k:
            break
        triples = trigrams(text_of[item.passage_id])
        if is_near_duplicate(triples, seen):
            continue
        kept.append(item)
        seen.append(triples)
    return tuple(kept)


def trigrams(text: str) -> Trigrams:
    """Every run of three words in the text; its words if there are fewer than three."""
    found = texts.words(text)
    runs = zip(found, islice(found, 1, None), islice(found, 2, None), strict=False)
    return frozenset(runs) or frozenset([found])


def is_near_duplicate(text: Trigrams, others: Iterable[Trigrams]) -> bool:
    """Whether a text nearly repeats one of the others, each given by its `trigrams`."""
    return any(len(text & other) >= SAME_TEXT * min(len(text), len(other)) for other in others)

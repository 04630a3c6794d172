"""Drops passages that nearly repeat a better one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.retrieval.fusion import Ranked
from rag.text import Trigrams, shared_part, trigrams

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


def is_near_duplicate(text: Trigrams, others: Iterable[Trigrams]) -> bool:
    """Whether a text nearly repeats one of the others, each given by its `trigrams`."""
    return any(shared_part(text, other) >= SAME_TEXT for other in others)

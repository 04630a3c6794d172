"""What several searches give: hits, how much each counts, and thinning near-copies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from statistics import fmean
from typing import NamedTuple

from rag import text as texts
from rag.types import FoundBy

# Dense + 2 x BM25, both standardised, found most on a development set of news questions (Hits@10
# .915). Reciprocal rank fusion found less there (.874) than BM25 alone (.909).
WEIGHTS: Mapping[FoundBy, float] = {"dense": 1.0, "keyword": 2.0}

# For short ones: of 318 over five seeds, 609 news articles and 276 passages of an encyclopedia, 1.5
# put the answer among the first five as often as or oftener than 2; 1 and 3 found less among ten.
SHORT_WEIGHTS: Mapping[FoundBy, float] = {"dense": 1.0, "keyword": 1.5}

Triples = frozenset[tuple[str, ...]]

# Two passages of which the shorter shares this part of its word triples count as copies.
SAME_TEXT = 0.8


class Hit(NamedTuple):
    """A passage found by one search. Higher scores are better."""

    passage_id: str
    score: float


class Ranked(NamedTuple):
    """A passage after fusion: its score orders one result, ``found_by`` says what found it."""

    passage_id: str
    score: float
    found_by: tuple[FoundBy, ...]


def spread(scores: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation. The one of ``statistics`` counts in fractions, very slowly."""
    mean = fmean(scores)
    return mean, math.sqrt(fmean((score - mean) ** 2 for score in scores))


def thin(ranked: Sequence[Ranked], text_of: Mapping[str, str], k: int) -> tuple[Ranked, ...]:
    """The best ``k`` of a ranking, without passages that nearly repeat a better one."""
    kept: list[Ranked] = []
    seen: list[Triples] = []
    for item in ranked:
        if len(kept) == k:
            break
        triples = word_triples(text_of[item.passage_id])
        if repeats(triples, seen):
            continue
        kept.append(item)
        seen.append(triples)
    return tuple(kept)


def word_triples(text: str) -> Triples:
    """Every run of three words in the text; the text's words when there are fewer."""
    found = texts.words(text)
    runs = zip(found, islice(found, 1, None), islice(found, 2, None), strict=False)
    return frozenset(runs) or frozenset([found])


def repeats(text: Triples, others: Iterable[Triples]) -> bool:
    """Whether a text nearly repeats one of the others, each given by its `word_triples`."""
    return any(len(text & other) >= SAME_TEXT * min(len(text), len(other)) for other in others)

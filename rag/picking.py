"""Picking sentences for a question of several parts: by its clauses, in turns between its sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag import text as texts
from rag.multipart import TALK, without_publishers
from rag.query import Query
from rag.relevance import ScoredSentence, asked_stems, rarity, weighted_share

# score = cosine + WORDS * share of the question's words + CLAUSE * share of its best clause's words
# + PASSAGE / rank. Of 219 news questions this found precision .311 and recall .374 of the needed
# sentences among three; the rule for short questions .256 and .312, with turns alone .277 and .339.
WORDS = 1.5
CLAUSE = 0.5
PASSAGE = 0.3
# A sentence of fewer content words says too little.
LEAST_WORDS = 3
# Two sentences that share this part of the shorter one's words say the same.
SAME_SENTENCE = 0.7


def rescored(query: Query, scored: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The sentences with scores that weigh the question's clauses too."""
    stems = [frozenset(texts.content_stems(item.text)) for item in scored]
    asked = asked_stems(without_publishers(query), [item.text for item in scored]) - TALK
    clauses = [frozenset(texts.content_stems(clause)) - TALK for clause in query.clauses]
    weights = rarity(stems, asked.union(*clauses))
    whole = {stem: weights[stem] for stem in asked}
    parts = [{stem: weights[stem] for stem in clause} for clause in clauses if clause]
    found = []
    for item, own in zip(scored, stems, strict=True):
        words = weighted_share(asked & own, whole)
        best = max((weighted_share(own & part.keys(), part) for part in parts), default=words)
        score = item.cosine + WORDS * words + CLAUSE * best + PASSAGE / item.evidence.rank
        found.append(replace(item, score=score))
    return tuple(found)


def pick(query: Query, scored: Sequence[ScoredSentence], most: int) -> tuple[int, ...]:
    """Places of the best sentences, the publishers that are named taking turns, none repeated."""
    order = [place for place, item in enumerate(scored) if item.answers]
    order.sort(key=lambda place: (-scored[place].score, place))
    sides = [
        [place for place in order if scored[place].evidence.source.publisher in side]
        for side in query.publishers
    ]
    lanes = sorted((lane for lane in sides if lane), key=lambda lane: -scored[lane[0]].score)
    waiting = [iter(lane) for lane in lanes or [order]]
    picked: list[int] = []
    said: list[frozenset[str]] = []
    while waiting and len(picked) < most:
        for lane in tuple(waiting):
            place = next((p for p in lane if _is_new(scored[p], said)), None)
            if place is None:
                waiting.remove(lane)
            elif len(picked) < most:
                picked.append(place)
                said.append(frozenset(texts.content_stems(scored[place].text)))
    return tuple(picked)


def _is_new(item: ScoredSentence, said: Sequence[frozenset[str]]) -> bool:
    own = frozenset(texts.content_stems(item.text))
    return len(own) >= LEAST_WORDS and not any(
        len(own & other) >= SAME_SENTENCE * min(len(own), len(other)) for other in said
    )

"""Numbers that tell a question that the evidence answers from one that it does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rag import facts
from rag import text as texts
from rag.query import Query
from rag.relevance import ScoredSentence, asked_stems, rarity, weighted_share
from rag.types import Evidence

# The question's words are looked for in so many of the best passages.
BEST = 5
# What a question says of articles, not of their subject.
TALK = frozenset(
    texts.stem(word)
    for word in """article articles report reported reports reporting story coverage published
    suggest suggests claim claims discuss discusses mention mentioned describe described consistent
    consistency inconsistent information based considering regarding between after before later
    portrayal attribute indicate name company individual individuals known""".split()
)


@dataclass(frozen=True, slots=True)
class Wide:
    """What a question of several parts shows; all in 0..1 but for cosines (-1..1).

    Attributes:
        best_cosine: Highest cosine of the question with one of the best sentences, read alone.
        mean_cosine: Mean of the five highest cosines of question and sentence.
        keyword_share: Best BM25 score over what the question's words could score.
        sentence_words: Weighted share of its words in the best sentence and its context.
        passage_words: The same in the best passage.
        five_words: The same in the five best passages.
        worst_clause: The least share of a clause's words that a passage holds.
        names: Share of its names that stand in the evidence.
        numbers: Share of its numbers that do.
        length: Its content words, of forty.
        publisher_known: 1 if it names a publisher of the library.
        publisher_missing: Share of the publishers named that are not in the library.
        worst_side: The least share of its words in a passage of each publisher that is named.
        asks_fact: 1 if it asks for a number, a time or a name.
        kind_missing: 1 if the fitting sentences hold no such thing.
    """

    best_cosine: float
    mean_cosine: float
    keyword_share: float
    sentence_words: float
    passage_words: float
    five_words: float
    worst_clause: float
    names: float
    numbers: float
    length: float
    publisher_known: float
    publisher_missing: float
    worst_side: float
    asks_fact: float
    kind_missing: float


# These tell of publishers; the others of what is said.
OF_PUBLISHERS = ("publisher_known", "publisher_missing", "worst_side")


def wide(
    query: Query,
    evidence: Sequence[Evidence],
    scored: Sequence[ScoredSentence],
    *,
    best_cosine: float,
    keyword_share: float,
    asks_fact: float,
    kind_missing: float,
) -> Wide:
    """The signals of a question of several parts."""
    bare = without_publishers(query)
    passages = [
        frozenset(texts.content_stems(f"{item.source.title}\n{item.passage.text}"))
        for item in evidence
    ]
    asked = asked_stems(bare, [item.passage.text for item in evidence]) - TALK
    weights = rarity(passages, asked)
    shares = [weighted_share(asked & stems, weights) for stems in passages]
    together = frozenset[str]().union(*passages[:BEST])
    everywhere = " ".join(item.passage.text for item in evidence).casefold()
    named = facts.name_words(bare) - TALK
    said = [number.value for number in facts.numbers(bare)]
    held = {number.value for item in evidence for number in facts.numbers(item.passage.text)}
    cosines = sorted((item.cosine for item in scored if item.answers), reverse=True)[:BEST]
    mentioned = len(query.publishers) + len(query.missing)
    return Wide(
        best_cosine=best_cosine,
        mean_cosine=fmean(cosines) if cosines else 0.0,
        keyword_share=keyword_share,
        sentence_words=max((item.near for item in scored if item.answers), default=0.0),
        passage_words=max(shares, default=0.0),
        five_words=weighted_share(asked & together, weights),
        worst_clause=_worst_clause(query, passages),
        names=_share([name in everywhere for name in named]),
        numbers=_share([value in held for value in said]),
        length=min(len(asked) / 40, 1.0),
        publisher_known=float(bool(query.publishers)),
        publisher_missing=len(query.missing) / mentioned if mentioned else 0.0,
        worst_side=_worst_side(query, evidence, shares),
        asks_fact=asks_fact,
        kind_missing=kind_missing,
    )


def without_publishers(query: Query) -> str:
    """The question without the names of publishers: they tell nothing of its subject."""
    bare = query.text
    for said in query.said_publishers:
        bare = re.sub(re.escape(said), " ", bare)
    return bare


def _worst_clause(query: Query, passages: Sequence[frozenset[str]]) -> float:
    least = 1.0
    for clause in query.clauses:
        asked = frozenset(texts.content_stems(clause)) - TALK
        if asked:
            best = max((len(asked & stems) / len(asked) for stems in passages), default=0.0)
            least = min(least, best)
    return least


def _worst_side(query: Query, evidence: Sequence[Evidence], shares: Sequence[float]) -> float:
    """0 if a named publisher has no evidence; 1 if none is named."""
    least = 1.0
    for side in query.publishers:
        mine = [
            share
            for item, share in zip(evidence, shares, strict=True)
            if item.source.publisher in side
        ]
        least = min(least, max(mine, default=0.0))
    return least


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 1.0

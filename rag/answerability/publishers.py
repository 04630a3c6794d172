"""Features of questions that name publishers: what the articles of each of them say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rag import text as texts
from rag.answerability.sentence_scoring import ScoredSentence, asked_stems, rarity, weighted_share
from rag.query import Query
from rag.retrieval import SearchResult
from rag.types import Evidence

# How many of the best passages are searched for the question's words.
BEST = 5
# Words about articles, not about their subject.
TALK = frozenset(
    texts.stem(word)
    for word in """article articles report reported reports reporting story coverage published
    suggest suggests claim claims discuss discusses mention mentioned describe described consistent
    consistency inconsistent information based considering regarding between after before later
    portrayal attribute indicate name company individual individuals known""".split()
)


@dataclass(frozen=True, slots=True)
class PublisherFeatures:
    """Features of a question that names publishers, in 0..1 except cosines (-1..1).

    Attributes:
        keyword_share: Best BM25 score over the highest possible one.
        mean_cosine: Mean of the five highest cosines of question and sentence.
        five_words: Weighted share of the question's words in the five best passages.
        worst_clause: Share of words that the best passage has, for the question's worst clause.
        mean_clause: Mean over its clauses of the best share of words in a passage.
        other_names: Share of its names, publishers apart, that occur in the evidence.
        numbers: Share of its numbers that do.
        publisher_known: 1 if it names a publisher of the library.
        publisher_missing: Share of the publishers named that are not in the library.
        worst_side: Share of its words that the best passage of the worst named publisher has.
        mean_side: The mean of these shares over the publishers that are named.
        worst_side_cosine: Best cosine of a sentence of the worst such publisher.
        mean_side_cosine: The mean of these cosines.
    """

    keyword_share: float
    mean_cosine: float
    five_words: float
    worst_clause: float
    mean_clause: float
    other_names: float
    numbers: float
    publisher_known: float
    publisher_missing: float
    worst_side: float
    mean_side: float
    worst_side_cosine: float
    mean_side_cosine: float


def publisher_features(found: SearchResult, scored: Sequence[ScoredSentence]) -> PublisherFeatures:
    """The features of a question that names publishers."""
    query, evidence = found.query, found.evidence
    bare = without_publishers(query)
    passages = stems_of(evidence)
    asked = asked_stems(bare, [item.passage.text for item in evidence]) - TALK
    weights = rarity(passages, asked)
    shares = [weighted_share(asked & stems, weights) for stems in passages]
    together = frozenset[str]().union(*passages[:BEST])
    cosines = sorted((item.cosine for item in scored if item.answers), reverse=True)[:BEST]
    clauses = _clauses(query, passages) or [max(shares, default=0.0)]
    sides = _sides(query, [(i.source.publisher, s) for i, s in zip(evidence, shares, strict=True)])
    side_cosines = _sides(query, [(s.evidence.source.publisher, s.cosine) for s in scored])
    sides = sides or [max(shares, default=0.0)]
    side_cosines = side_cosines or [max(cosines, default=0.0)]
    return PublisherFeatures(
        keyword_share=found.keyword_share,
        mean_cosine=fmean(cosines) if cosines else 0.0,
        five_words=weighted_share(asked & together, weights),
        worst_clause=min(clauses),
        mean_clause=fmean(clauses),
        other_names=_names_found(bare, evidence),
        numbers=_numbers_found(bare, evidence),
        publisher_known=float(bool(query.publishers)),
        publisher_missing=len(query.missing) / max(1, len(query.publishers) + len(query.missing)),
        worst_side=min(sides),
        mean_side=fmean(sides),
        worst_side_cosine=min(side_cosines),
        mean_side_cosine=fmean(side_cosines),
    )


def stems_of(evidence: Sequence[Evidence]) -> list[frozenset[str]]:
    """The stems of each passage and its article's title."""
    whole = (f"{item.source.title}\n{item.passage.text}" for item in evidence)
    return [frozenset(texts.content_stems(text)) for text in whole]


def _names_found(question: str, evidence: Sequence[Evidence]) -> float:
    everywhere = " ".join(item.passage.text for item in evidence).casefold()
    return _share([name in everywhere for name in texts.name_words(question) - TALK])


def _numbers_found(question: str, evidence: Sequence[Evidence]) -> float:
    held = {number.value for item in evidence for number in texts.numbers(item.passage.text)}
    return _share([number.value in held for number in texts.numbers(question)])


def without_publishers(query: Query) -> str:
    """The question without the names of publishers, which are not part of its subject."""
    bare = query.text
    for said in query.publisher_mentions:
        bare = re.sub(re.escape(said), " ", bare)
    return bare


def _clauses(query: Query, passages: Sequence[frozenset[str]]) -> list[float]:
    """For each clause the best share of its words in one passage."""
    asked = [frozenset(texts.content_stems(clause)) - TALK for clause in query.clauses]
    return [
        max((len(clause & stems) / len(clause) for stems in passages), default=0.0)
        for clause in asked
        if clause
    ]


def _sides(query: Query, values: Sequence[tuple[str | None, float]]) -> list[float]:
    """The best value for each named group of publishers; 0 if it has none."""
    return [
        max((value for publisher, value in values if publisher in side), default=0.0)
        for side in query.publishers
    ]


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 1.0

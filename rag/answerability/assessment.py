"""Assesses whether the evidence for a question answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rag.answerability import classifier
from rag.answerability.features import Features, features
from rag.answerability.sentence_scoring import SentenceScorer
from rag.query import Query
from rag.retrieval import READ_AGAIN, Retriever, load_reranker
from rag.types import Evidence, Filters


@dataclass(frozen=True, slots=True)
class Assessment:
    """The evidence for a question and whether it answers it.

    Attributes:
        features: What the chance was predicted from; None where it is set.
        chance: Probability, 0..1, that the evidence answers the question.
        outside_dates: Whether the question names days on which no article was published.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    features: Features | None
    chance: float
    outside_dates: bool = False

    @property
    def answers(self) -> bool:
        """Whether the evidence answers the question with enough probability to be quoted."""
        return self.chance >= classifier.ANSWERABLE


def assess(
    query: Query,
    retriever: Retriever,
    scorer: SentenceScorer,
    k: int,
    filters: Filters | None = None,
    reranker: Path | None = None,
) -> Assessment:
    """Searches for a question and assesses the evidence.

    Args:
        query: The parsed question.
        retriever: Searches the library.
        scorer: Scores sentences; the backend reuses its scores.
        k: How many passages of evidence.
        filters: Which articles may be used.
        reranker: Folder of a model that reorders the evidence, see `rag.retrieval.rerank`.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    found = retriever.find(query, max(k, READ_AGAIN) if reranker else k, filters=filters)
    if reranker:
        ordered = load_reranker(reranker).order(query.text, found.evidence, k)
        found = replace(found, evidence=ordered)
    found = replace(found, evidence=retriever.sendable(found.evidence))
    scored = scorer.score(query.text, found.evidence)
    known = features(found, scored, retriever.rarity)
    chance = 0.0 if classifier.is_out_of_scope(found) else classifier.predict(known)
    return Assessment(query, found.evidence, known, chance, found.outside_dates)

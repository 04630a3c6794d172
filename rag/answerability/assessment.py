"""Assesses whether the evidence for a question answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rag.answerability import classifier, multi_part
from rag.answerability.answer_types import kind_asked
from rag.answerability.sentence_scoring import SentenceScorer, best_cosine_alone
from rag.query import Query
from rag.retrieval import READ_AGAIN, Retriever, load_reranker
from rag.types import Evidence, Filters


@dataclass(frozen=True, slots=True)
class Assessment:
    """The evidence for a question and whether it answers it.

    Attributes:
        single: Features of a question that names no publisher; None for others.
        multi_part: Features of a question that names publishers; None for others.
        chance: Probability, 0..1, that the evidence answers the question.
        outside_dates: Whether the question names days on which no article was published.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    single: classifier.Features | None
    multi_part: multi_part.Features | None
    chance: float
    outside_dates: bool = False

    @property
    def answers(self) -> bool:
        """Whether the evidence is likely enough to answer the question to draft from it."""
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
    alone = best_cosine_alone(scored)
    ruled_out = classifier.is_out_of_scope(found)
    # The multi-part weights were fitted on questions that name publishers.
    if not query.publisher_mentions:
        single = classifier.features(query.text, found, scored, alone, retriever.rarity)
        chance = 0.0 if ruled_out else classifier.predict(single)
        return Assessment(query, found.evidence, single, None, chance, found.outside_dates)
    several = multi_part.features(
        query,
        found.evidence,
        scored,
        best_cosine=alone,
        keyword_share=found.keyword_share,
        asks_fact=float(kind_asked(query.text) is not None),
        kind_missing=float(classifier.kind_missing(query.text, scored)),
    )
    chance = 0.0 if ruled_out else classifier.predict_multi_part(several)
    return Assessment(query, found.evidence, None, several, chance, found.outside_dates)

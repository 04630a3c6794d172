"""Weighing the evidence for a question: the chance that it answers it, and what that is from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rag.answerability import classifier, multi_part
from rag.answerability.answer_types import kind_asked
from rag.answerability.sentence_scoring import best_cosine_alone, score_sentences
from rag.embedding.guard import embedding_articles
from rag.policy import rules
from rag.query.parsing import Query
from rag.retrieval.rerank import READ_AGAIN, load_reranker
from rag.retrieval.search import Found
from rag.store.library import Library
from rag.types import Evidence, Filters


@dataclass(frozen=True, slots=True)
class Weighed:
    """The evidence for a question and whether it answers it.

    Attributes:
        plain: Signals of a question that names no publisher, long or short; None for others.
        wide: Those of one that names publishers; None for others.
        chance: Probability, 0..1, that the evidence answers the question.
        nothing_then: Whether the question speaks of days of which no article is.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    plain: classifier.Signals | None
    wide: multi_part.Wide | None
    chance: float
    nothing_then: bool = False


def weigh(
    question: str,
    library: Library,
    k: int,
    filters: Filters | None = None,
    reranker: Path | None = None,
) -> Weighed:
    """Searches a library and weighs what is found.

    Args:
        question: What is asked.
        library: Where it is looked for.
        k: How many passages of evidence.
        filters: Which articles may be used.
        reranker: Folder of a model that puts them in order, see `rag.retrieval.rerank`.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    found = library.find(question, max(k, READ_AGAIN) if reranker else k, filters=filters)
    if reranker:
        ordered = load_reranker(reranker).order(question, found.evidence, k)
        found = replace(found, evidence=ordered)
    destination = library.embedder.destination
    if destination is None:
        return _weighed(question, library, found)
    # Its sentences are embedded as well, elsewhere.
    found = replace(found, evidence=tuple(rules.sendable(found.evidence, destination)))
    with embedding_articles([item.source.id for item in found.evidence]):
        return _weighed(question, library, found)


def _weighed(question: str, library: Library, found: Found) -> Weighed:
    """Weighs evidence that was found."""
    query, evidence = found.query, found.evidence
    scored = score_sentences(library, question, evidence)
    alone = best_cosine_alone(scored)
    # The numbers for several parts have hardly seen a question that names no publisher, and few of
    # those were answered.
    if not query.said_publishers:
        plain = classifier.signals(question, found, scored, alone, library.indexes.rarity)
        chance = 0.0 if classifier.cannot_say(found) else classifier.answerable(plain)
        return Weighed(query, evidence, plain, None, chance, found.nothing_then)
    wide = multi_part.wide(
        query,
        evidence,
        scored,
        best_cosine=alone,
        keyword_share=found.keyword_share,
        asks_fact=float(kind_asked(question) is not None),
        kind_missing=float(classifier.kind_missing(question, scored)),
    )
    chance = 0.0 if classifier.cannot_say(found) else classifier.answerable_wide(wide)
    return Weighed(query, evidence, None, wide, chance, found.nothing_then)

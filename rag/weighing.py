"""Weighing the evidence for a question: the chance that it answers it, and what that is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag import gate, multipart, policy
from rag.library.errand import embedding_articles
from rag.library.library import Library
from rag.library.search import allowed_articles, both
from rag.query import Query
from rag.relevance import best_cosine_alone, score_sentences
from rag.types import Evidence, Filters


@dataclass(frozen=True, slots=True)
class Weighed:
    """The evidence for a question and whether it answers it.

    Attributes:
        plain: Signals of a short question.
        wide: Those of a long one, or of one that names publishers; None for others.
        chance: Probability, 0..1, that the evidence answers the question.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    plain: gate.Signals
    wide: multipart.Wide | None
    chance: float


def weigh(question: str, library: Library, *, k: int, filters: Filters | None) -> Weighed:
    """Searches a library and weighs what is found.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    evidence = library.search(question, k=k, filters=filters)
    destination = library.embedder.destination
    if destination is None:
        return weighed(question, library, evidence, filters)
    # Its sentences are embedded as well, elsewhere.
    evidence = policy.sendable(evidence, destination)
    with embedding_articles([item.source.id for item in evidence]):
        return weighed(question, library, evidence, filters)


def weighed(
    question: str, library: Library, evidence: Sequence[Evidence], filters: Filters | None
) -> Weighed:
    """Weighs evidence that was found."""
    query = library.understand(question)
    scored = score_sentences(library, question, evidence)
    alone = best_cosine_alone(library, question, scored)
    plain = gate.signals(question, evidence, scored, alone)
    if not query.is_wide:
        return Weighed(query, tuple(evidence), plain, None, gate.answerable(plain))
    wide = multipart.wide(
        query,
        evidence,
        scored,
        best_cosine=alone,
        keyword_share=keyword_share(query, library, filters) if evidence else 0.0,
        asks_fact=plain.asks_fact,
        kind_missing=plain.kind_missing,
    )
    return Weighed(query, tuple(evidence), plain, wide, gate.answerable_wide(wide))


def keyword_share(query: Query, library: Library, filters: Filters | None) -> float:
    """The best BM25 score among the allowed articles over what the words could score, 0..1."""
    allowed = allowed_articles(library.catalog, both(query.filters, filters))
    return library.indexes.keyword_share(query.text, allowed)

"""Looks up what a draft says and its evidence does not."""

from __future__ import annotations

from rag.query import Query
from rag.retrieval import Retriever
from rag.settings import LONGEST_QUESTION
from rag.types import Evidence, Filters

# Passages for one sentence.
PASSAGES = 4


class LookUps:
    """Finds passages for sentences among the articles that an answer may cite.

    Attributes:
        evidence: Every passage that was found.
    """

    def __init__(self, retriever: Retriever, query: Query, filters: Filters) -> None:
        self._retriever, self._filters = retriever, query.filters.merged(filters)
        self.evidence: tuple[Evidence, ...] = ()

    def __call__(self, sentence: str) -> tuple[Evidence, ...]:
        # Not parsed as a question: a day that a statement names is no filter.
        query = Query(text=sentence[:LONGEST_QUESTION])
        found = self._retriever.find(query, PASSAGES, "hybrid", self._filters).evidence
        self.evidence = (*self.evidence, *found)
        return found

"""Looks up what a draft says and its evidence does not."""

from __future__ import annotations

from rag.query import Query
from rag.retrieval import Retriever
from rag.settings import LONGEST_QUESTION
from rag.types import Evidence, Filters, SearchMethod

# Passages for one sentence.
PASSAGES = 4


class LibraryLookUp:
    """Finds passages for sentences among the articles that an answer may cite.

    A draft may hold an article's words, so an embedder elsewhere does not get it: then only
    keywords are searched.

    Attributes:
        evidence: Every passage that was found.
    """

    def __init__(self, retriever: Retriever, query: Query, filters: Filters) -> None:
        self._retriever, self._filters = retriever, query.filters.merged(filters)
        self.evidence: tuple[Evidence, ...] = ()

    def __call__(self, sentence: str) -> tuple[Evidence, ...]:
        # Not parsed as a question: a day that a statement names is not a filter.
        query = Query(text=sentence[:LONGEST_QUESTION])
        how: SearchMethod = "hybrid" if self._retriever.embeds_here else "keyword"
        found = self._retriever.find(query, PASSAGES, how, self._filters).evidence
        self.evidence = (*self.evidence, *found)
        return found

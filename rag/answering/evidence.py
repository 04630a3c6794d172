"""The evidence of an answer: what is looked up for single sentences, and how it is numbered."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from rag.query import Query
from rag.retrieval import Retriever, Told, drop_copies
from rag.settings import LONGEST_QUESTION
from rag.types import Citation, Evidence, Filters, SearchMethod, Sentence

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


def evidence_for(citation: Citation, evidence: Sequence[Evidence]) -> Evidence:
    """The first evidence that contains a citation, else the first that overlaps it."""
    whole = (item for item in evidence if item.holds(citation))
    part = (item for item in evidence if item.touches(citation))
    return next(itertools.chain(whole, part))


def in_order_of_appearance(
    sentences: Sequence[Sentence],
    evidence: Sequence[Evidence],
    others: Sequence[Evidence] = (),
) -> tuple[Evidence, ...]:
    """The evidence renumbered from 1, in order of first citation; then the rest by rank.

    Args:
        sentences: In the order in which they are read.
        evidence: What they were drafted from.
        others: Passages that are evidence only where a citation lies in none of the first.
    """
    order: list[Evidence] = []
    for sentence in sentences:
        for citation in sentence.citations:
            item = evidence_for(citation, (*evidence, *others))
            if item not in order:
                order.append(item)
    order.extend(item for item in evidence if item not in order)
    return tuple(replace(item, rank=rank) for rank, item in enumerate(order, start=1))


def renumbered(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of several searches in the same order, with ranks from 1.

    What copies of an article repeat is left out: each search may have found another one.
    """
    kept = drop_copies(
        evidence, lambda item: Told(item.source.id, item.source.story, item.passage.text)
    )
    return tuple(replace(item, rank=rank) for rank, item in enumerate(kept, start=1))

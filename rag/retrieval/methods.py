"""The search methods: dense, keyword, and hybrid, which fuses both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Protocol

from rag.query import Query
from rag.retrieval.fusion import (
    Ranked,
    RankingHints,
    Told,
    drop_copies,
    drop_near_duplicates,
    fuse_scores,
)
from rag.store import FloatVector, Hit
from rag.types import FoundBy, SearchMethod, article_of_passage

AllowedArticles = frozenset[str] | None
RetrieverHits = dict[FoundBy, tuple[Hit, ...]]

# Hits of each retriever for the fusion. Standardising needs a tail to compare the best with.
CANDIDATES = 100


class Index(Protocol):
    """What a search needs of a library. ``allowed`` are article ids; None allows all."""

    def dense(self, vector: FloatVector, k: int, allowed: AllowedArticles) -> tuple[Hit, ...]:
        """The ``k`` nearest passages by cosine, best first."""

    def keyword(self, question: str, k: int, allowed: AllowedArticles) -> tuple[Hit, ...]:
        """The ``k`` best passages by BM25, best first."""

    def texts(self, passage_ids: Iterable[str]) -> Mapping[str, str]:
        """The text of each passage."""

    def stories(self, article_ids: Iterable[str]) -> Mapping[str, str]:
        """The story of each article that has near copies: the same for all of them."""


def run_retrievers(
    index: Index,
    query: Query,
    embed: Callable[[str], FloatVector],
    how: SearchMethod,
    *,
    k: int,
    allowed: AllowedArticles,
) -> RetrieverHits:
    """The hits of the retrievers of a search method: cosines in -1..1, BM25 scores above 0.

    BM25 reads passage text, title, publisher and date.
    """
    count = max(k, CANDIDATES) * (2 if how == "hybrid" else 1)
    hits: RetrieverHits = {}
    if how != "keyword":
        hits["dense"] = index.dense(embed(query.text), count, allowed)
    if how != "dense":
        hits["keyword"] = index.keyword(query.keywords, count, allowed)
    return hits


def rank(
    index: Index,
    question: str,
    hits: RetrieverHits,
    hints: RankingHints,
    *,
    k: int,
    allowed: AllowedArticles,
) -> tuple[Ranked, ...]:
    """The best ``k`` passages, without near-duplicates.

    Hits of both retrievers are fused with the hints of the parsed question, see
    `rag.retrieval.fusion`; those of one keep its order.
    """
    if len(hits) == 1:
        ((name, found),) = hits.items()
        return _best(index, (Ranked(*hit, (name,)) for hit in found), k)
    count = max(k, CANDIDATES)
    sides = [side if allowed is None else side & allowed for side in hints.sides]
    ranked = fuse_scores(
        hits,
        [index.keyword(question, count, side) for side in sides if side],
        [index.keyword(clause, count, allowed) for clause in hints.clauses],
        hints,
    )
    return _best(index, ranked, k)


def _best(index: Index, ranked: Iterable[Ranked], k: int) -> tuple[Ranked, ...]:
    """The best ``k`` without copies, chosen from more than twice as many."""
    items = tuple(islice(ranked, 2 * k + 10))
    texts = index.texts(item.passage_id for item in items)
    articles = {item.passage_id: article_of_passage(item.passage_id) for item in items}
    stories = index.stories(set(articles.values()))

    def told(item: Ranked) -> Told:
        article = articles[item.passage_id]
        return Told(article, stories.get(article, article), texts[item.passage_id])

    return drop_near_duplicates(drop_copies(items, told), texts, k)

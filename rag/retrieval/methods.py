"""Search methods of one signature: dense, keyword and hybrid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Protocol

from rag.retrieval.fusion import Ranked, RankingHints, fuse_scores
from rag.retrieval.near_duplicates import Told, drop_copies, drop_near_duplicates
from rag.store import FloatVector, Hit
from rag.types import FoundBy, SearchMethod, article_of_passage

AllowedArticles = frozenset[str] | None
RetrieverHits = dict[FoundBy, tuple[Hit, ...]]

# Hits of each retriever for the fusion. Standardising needs a tail to compare the best with.
CANDIDATES = 100

NO_HINTS = RankingHints()


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


class Method(Protocol):
    """A search method: the best ``k`` passages for a question, without near-duplicates."""

    def __call__(
        self,
        index: Index,
        question: str,
        embed: Callable[[str], FloatVector],
        *,
        k: int,
        allowed: AllowedArticles,
    ) -> tuple[Ranked, ...]: ...


def dense(
    index: Index,
    question: str,
    embed: Callable[[str], FloatVector],
    *,
    k: int,
    allowed: AllowedArticles,
) -> tuple[Ranked, ...]:
    """By the cosine of question and passage; scores are cosines in -1..1."""
    hits = index.dense(embed(question), max(k, CANDIDATES), allowed)
    return _best(index, (Ranked(*hit, ("dense",)) for hit in hits), k)


def keyword(
    index: Index,
    question: str,
    embed: Callable[[str], FloatVector],
    *,
    k: int,
    allowed: AllowedArticles,
) -> tuple[Ranked, ...]:
    """By BM25 over passage text, title, publisher and date; scores are above 0."""
    hits = index.keyword(question, max(k, CANDIDATES), allowed)
    return _best(index, (Ranked(*hit, ("keyword",)) for hit in hits), k)


def hybrid(
    index: Index,
    question: str,
    embed: Callable[[str], FloatVector],
    *,
    k: int,
    allowed: AllowedArticles,
) -> tuple[Ranked, ...]:
    """Both fused, without hints."""
    found = run_retrievers(index, question, embed, k=k, allowed=allowed)
    return fuse(index, question, found, k=k, allowed=allowed)


def run_retrievers(
    index: Index,
    question: str,
    embed: Callable[[str], FloatVector],
    *,
    k: int,
    allowed: AllowedArticles,
    words: str | None = None,
) -> RetrieverHits:
    """Hits of each retriever; the keyword search uses ``words`` if they are given."""
    count = 2 * max(k, CANDIDATES)
    return {
        "dense": index.dense(embed(question), count, allowed),
        "keyword": index.keyword(words or question, count, allowed),
    }


def fuse(
    index: Index,
    question: str,
    hits: RetrieverHits,
    *,
    k: int,
    allowed: AllowedArticles,
    hints: RankingHints = NO_HINTS,
) -> tuple[Ranked, ...]:
    """Both fused with the hints of the parsed question, see `rag.retrieval.fusion`."""
    count = max(k, CANDIDATES)
    sides = [side if allowed is None else side & allowed for side in hints.sides]
    ranked = fuse_scores(
        hits,
        [index.keyword(question, count, side) for side in sides if side],
        [index.keyword(clause, count, allowed) for clause in hints.clauses],
        hints,
    )
    return _best(index, ranked, k)


METHODS: Mapping[SearchMethod, Method] = MappingProxyType(
    {"dense": dense, "keyword": keyword, "hybrid": hybrid}
)


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

"""Searching a library: the evidence for a question, and how the searches found it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.errors import LibraryEmpty, SettingsError, unknown_name
from rag.query.parsing import Query
from rag.retrieval.methods import METHODS, Arms, gather, join
from rag.retrieval.near_duplicates import Hit, Ranked
from rag.store.catalog import Catalog
from rag.store.index_sync import Indexes
from rag.store.records import FloatVector
from rag.store.rows import parse_passage_id
from rag.store.snapshot import Shelf
from rag.types import Evidence, Filters, Passage, SearchMethod

# The lead of the best hit is over the last of so many.
FIELD = 10


@dataclass(frozen=True, slots=True)
class Found:
    """The evidence for a question.

    Attributes:
        query: What was understood of it.
        dense: The first ten cosines, best first; none where nothing may be read.
        keyword: The first ten BM25 scores.
        ceiling: What a passage with all words of the question could score.
        agreement: Share, 0..1, of the first ten of both searches that both found.
        searched: How many passages were searched.
        nothing_then: Whether the question speaks of days of which no article is.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    dense: tuple[float, ...] = ()
    keyword: tuple[float, ...] = ()
    ceiling: float = 0.0
    agreement: float = 0.0
    searched: int = 0
    nothing_then: bool = False

    @property
    def best_passage_cosine(self) -> float:
        """Highest cosine, -1..1, of question and passage; 0 without any."""
        return max(self.dense, default=0.0)

    @property
    def cosine_lead(self) -> float:
        """How far, 0..2, the best passage's cosine is above the tenth's."""
        return self.dense[0] - self.dense[-1] if self.dense else 0.0

    @property
    def keyword_share(self) -> float:
        """The best passage's BM25 score over what the question's words could score, 0..1."""
        best = max(self.keyword, default=0.0)
        return min(best / self.ceiling, 1.0) if self.ceiling > 0 else 0.0

    @property
    def keyword_lead(self) -> float:
        """By what share, 0..1, the best passage's BM25 score is above the tenth's."""
        if not self.keyword or self.keyword[0] <= 0:
            return 0.0
        return (self.keyword[0] - self.keyword[-1]) / self.keyword[0]


def find(
    catalog: Catalog,
    indexes: Indexes,
    embed: Callable[[str], FloatVector],
    query: Query,
    shelf: Shelf,
    k: int,
    how: SearchMethod,
    filters: Filters | None,
) -> Found:
    """The best passages for a question, see `Library.search`."""
    if k < 1:
        raise SettingsError("k", k, "1 or more")
    if how not in METHODS:
        raise unknown_name("how", how, tuple(METHODS))
    if not shelf.sources:
        raise LibraryEmpty(catalog.folder)
    allowed = shelf.allowed(filters)
    if allowed is not None and not allowed:
        return Found(query, (), nothing_then=shelf.empty(query))
    question = query.text
    arms: Arms = {}
    if how == "hybrid":
        arms = gather(indexes, question, embed, k=k, allowed=allowed, words=query.words)
        hints = shelf.hints(query)
        ranked = join(indexes, question, arms, k=k, allowed=allowed, hints=hints)
    else:
        said = query.words if how == "keyword" else question
        ranked = METHODS[how](indexes, said, embed, k=k, allowed=allowed)
    return Found(
        query,
        _evidence(ranked, catalog, shelf),
        _first(arms.get("dense", ())),
        _first(arms.get("keyword", ())),
        indexes.ceiling(question) if arms else 0.0,
        _agreement(arms) if arms else 0.0,
        shelf.searched(allowed),
        shelf.empty(query),
    )


def _evidence(ranked: Sequence[Ranked], catalog: Catalog, shelf: Shelf) -> tuple[Evidence, ...]:
    """Without what left the library since the search began."""
    texts = catalog.texts([item.passage_id for item in ranked])
    found: list[Evidence] = []
    for item in ranked:
        article_id, start, end = parse_passage_id(item.passage_id)
        if item.passage_id in texts and article_id in shelf.sources:
            passage = Passage(article_id, start, end, texts[item.passage_id])
            source, rank = shelf.sources[article_id], len(found) + 1
            found.append(Evidence(passage, source, rank, item.score, item.found_by))
    return tuple(found)


def _agreement(arms: Arms) -> float:
    dense, keyword = ({hit.passage_id for hit in hits[:FIELD]} for hits in arms.values())
    return len(dense & keyword) / max(1, min(len(dense), len(keyword)))


def _first(hits: tuple[Hit, ...]) -> tuple[float, ...]:
    return tuple(hit.score for hit in hits[:FIELD])


def both(said: Filters, given: Filters | None) -> Filters | None:
    """The filters of the question's own words and those given; a field that is given counts."""
    if said == Filters():
        return given
    if given is None:
        return said
    return replace(
        given,
        publishers=given.publishers or said.publishers,
        categories=given.categories or said.categories,
        articles=given.articles or said.articles,
        after=given.after or said.after,
        before=given.before or said.before,
        authors=given.authors or said.authors,
    )

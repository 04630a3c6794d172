"""Searching a library: which articles may be seen, and the evidence that is found in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.errors import LibraryEmpty, SettingsError, unknown_name
from rag.library.catalog import Catalog
from rag.library.indexes import Indexes
from rag.library.records import FloatVector
from rag.query import Query
from rag.ranking import Hints
from rag.retrieve import METHODS, hybrid
from rag.types import Evidence, Filters, SearchMethod, Source

# "The latest" favours this share of the articles that have a date.
NEWEST = 0.2


def find(
    catalog: Catalog,
    indexes: Indexes,
    embed: Callable[[str], FloatVector],
    question: str,
    hints: Hints,
    k: int,
    how: SearchMethod,
    filters: Filters | None,
) -> tuple[Evidence, ...]:
    """The best passages for a question, see `Library.search`."""
    if k < 1:
        raise SettingsError("k", k, "1 or more")
    if how not in METHODS:
        raise unknown_name("how", how, tuple(METHODS))
    allowed = allowed_articles(catalog, filters)
    if allowed is not None and not allowed:
        return ()
    if how == "hybrid":
        ranked = hybrid(indexes, question, embed, k=k, allowed=allowed, hints=hints)
    else:
        ranked = METHODS[how](indexes, question, embed, k=k, allowed=allowed)
    # What left the library since the search began is not shown.
    found = catalog.passages(item.passage_id for item in ranked)
    there = [item for item in ranked if item.passage_id in found]
    return tuple(
        Evidence(*found[item.passage_id], rank, item.score, item.found_by)
        for rank, item in enumerate(there, start=1)
    )


def allowed_articles(catalog: Catalog, filters: Filters | None) -> frozenset[str] | None:
    """Ids of the articles that a search may see; None when those are all that are indexed.

    Raises:
        LibraryEmpty: There is no article at all.
    """
    ready = catalog.ready_ids()
    if not ready:
        raise LibraryEmpty(catalog.folder)
    if filters is not None and filters != Filters():
        return frozenset(source.id for source in catalog.sources() if filters.allows(source))
    return ready if catalog.unfinished() else None


def hints_of(query: Query, sources: Sequence[Source]) -> Hints:
    """What was understood of a question, in articles."""
    sides = tuple(
        frozenset(source.id for source in sources if source.publisher in group)
        for group in query.publishers
    )
    dated = sorted((source.published, source.id) for source in sources if source.published)
    favoured = {article_id for day, article_id in dated if any(p.holds(day) for p in query.periods)}
    if query.recent and not query.periods:
        favoured.update(article_id for _, article_id in dated[-int(NEWEST * len(dated)) :])
    return Hints(query.clauses, sides, frozenset({*favoured, *query.articles}))


def both(said: Filters, given: Filters | None) -> Filters | None:
    """The filters of the question's own words and those given; a field that is given counts."""
    if said == Filters():
        return given
    if given is None:
        return said
    return replace(
        given,
        publishers=given.publishers or said.publishers,
        after=given.after or said.after,
        before=given.before or said.before,
    )

"""What searching needs to know of all articles, read once and kept until they change."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from rag.query.entities import Names
from rag.query.parsing import Query, understand
from rag.retrieval.fusion import Hints
from rag.store.catalog import Catalog
from rag.types import Filters, Source

# "The latest" favours this share of the articles that have a date.
NEWEST = 0.2


@dataclass(frozen=True)
class Shelf:
    """The articles of a library at one moment.

    Attributes:
        names: What they are called, for reading questions.
        sources: By article id; only those that may be read.
        passages: Number of passages by article id.
        settled: Whether the indexes hold these articles and no others.
    """

    names: Names
    sources: Mapping[str, Source]
    passages: Mapping[str, int]
    settled: bool

    @cached_property
    def by_publisher(self) -> Mapping[str, frozenset[str]]:
        """Article ids by publisher."""
        found: dict[str, set[str]] = defaultdict(set)
        for source in self.sources.values():
            if source.publisher:
                found[source.publisher].add(source.id)
        return {name: frozenset(ids) for name, ids in found.items()}

    @cached_property
    def dated(self) -> tuple[tuple[date, str], ...]:
        """Day and article id of the articles that have a date, the oldest first."""
        found = ((s.published, s.id) for s in self.sources.values() if s.published)
        return tuple(sorted(found))

    @cached_property
    def size(self) -> int:
        """Number of passages."""
        return sum(self.passages.values())

    def allowed(self, filters: Filters | None) -> frozenset[str] | None:
        """Ids of the articles that a search may see; None when those are all that are indexed."""
        if filters is None or replace(filters, ignoring=()) == Filters():
            return None if self.settled else frozenset(self.sources)
        # The ids first, as sets: naming hundreds of articles is common, and there may be thousands.
        some = self.sources.keys() & filters.articles if filters.articles else self.sources.keys()
        some = some - set(filters.not_articles)
        rest = replace(filters, articles=(), not_articles=(), ignoring=())
        if rest == Filters():
            return frozenset(some)
        return frozenset(a for a in some if rest.allows(self.sources[a]))

    def empty(self, query: Query) -> bool:
        """Whether a question speaks of days of which no article is."""
        periods = query.periods
        return bool(periods) and not any(p.holds(day) for day, _ in self.dated for p in periods)

    def searched(self, allowed: frozenset[str] | None) -> int:
        """How many passages such a search sees."""
        return self.size if allowed is None else sum(self.passages.get(a, 0) for a in allowed)

    def hints(self, query: Query) -> Hints:
        """What was understood of a question, in articles."""
        sides = tuple(
            frozenset[str]().union(*(self.by_publisher.get(name, frozenset()) for name in group))
            for group in query.publishers
        )
        favoured = set(query.articles)
        if query.periods:
            periods = query.periods
            favoured.update(a for day, a in self.dated if any(p.holds(day) for p in periods))
        elif query.recent:
            first = len(self.dated) - int(NEWEST * len(self.dated))
            favoured.update(article_id for _, article_id in self.dated[first:])
        return Hints(query.clauses, sides, frozenset(favoured), not query.is_wide)


class QuestionReader:
    """Understands questions by the articles of a catalog; safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: tuple[int, Shelf] | None = None
        self._last: tuple[str, date, Shelf, Query] | None = None

    def shelf(self) -> Shelf:
        """The articles as they are now."""
        with self._lock:
            changes = self._catalog.changes
            if self._known is None or self._known[0] != changes:
                sources = {source.id: source for source in self._catalog.sources()}
                shelf = Shelf(
                    Names.of(sources.values()),
                    sources,
                    self._catalog.passage_counts(),
                    not self._catalog.unfinished(),
                )
                self._known = changes, shelf
            return self._known[1]

    def understood(self, question: str) -> tuple[Query, Shelf]:
        """What the question asks for, and the articles by which it was read.

        *Last spring* counts from today.
        """
        shelf, today = self.shelf(), date.today()
        # Threads see either the last question or the one before it, never half of one.
        last = self._last
        if last is None or last[:2] != (question, today) or last[2] is not shelf:
            last = question, today, shelf, understand(question, shelf.names, today)
            self._last = last
        return last[3], shelf

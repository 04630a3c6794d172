"""Metadata of all articles at one moment, read once and kept until they change."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from rag.query import Names, Period
from rag.store.catalog import Catalog
from rag.types import Copy, Filters, Source


@dataclass(frozen=True)
class Snapshot:
    """The articles of a library at one moment.

    Attributes:
        names: Their publishers, authors, titles and categories, for parsing questions.
        sources: By article id, with their copies; ready articles only.
        passages: Number of passages by article id.
        settled: Whether the indexes contain exactly these articles.
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
        """Ids of the articles that a search may see; None if these are all indexed ones."""
        if filters is None or replace(filters, ignoring=()) == Filters():
            return None if self.settled else frozenset(self.sources)
        # The ids first, as sets: naming hundreds of articles is common, and there may be thousands.
        some = self.sources.keys() & filters.articles if filters.articles else self.sources.keys()
        some = some - set(filters.not_articles)
        rest = replace(filters, articles=(), not_articles=(), ignoring=())
        if rest == Filters():
            return frozenset(some)
        return frozenset(a for a in some if rest.allows(self.sources[a]))

    def has_day_in(self, periods: Sequence[Period]) -> bool:
        """Whether an article was published on a day of one of the periods."""
        return any(period.holds(day) for day, _ in self.dated for period in periods)

    def searched(self, allowed: frozenset[str] | None) -> int:
        """How many passages a search in the allowed articles covers."""
        return self.size if allowed is None else sum(self.passages.get(a, 0) for a in allowed)


def with_copies(sources: Iterable[Source], stories: Mapping[str, str]) -> dict[str, Source]:
    """The sources by article id, each with the other articles of its story."""
    found = {source.id: source for source in sources}
    told: dict[str, list[Copy]] = defaultdict(list)
    for article_id in stories.keys() & found.keys():
        source = found[article_id]
        told[stories[article_id]].append(Copy(article_id, source.publisher or source.title))
    for copies in told.values():
        for own in copies:
            others = tuple(sorted(copy for copy in copies if copy != own))
            found[own.id] = replace(found[own.id], copies=others)
    return found


class SnapshotCache:
    """The latest snapshot of a catalog; safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: tuple[int, Snapshot] | None = None

    @property
    def ready(self) -> Snapshot | None:
        """The articles as they are now, if nothing needs to be read or waited for."""
        known = self._known
        return known[1] if known and known[0] == self._catalog.changes else None

    def current(self) -> Snapshot:
        """The articles as they are now."""
        with self._lock:
            changes = self._catalog.changes
            if self._known is None or self._known[0] != changes:
                sources = with_copies(self._catalog.sources(), self._catalog.stories())
                snapshot = Snapshot(
                    Names.of(sources.values()),
                    sources,
                    self._catalog.passage_counts(),
                    not self._catalog.unfinished(),
                )
                self._known = changes, snapshot
            return self._known[1]

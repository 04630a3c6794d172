"""One ingest as it goes on: decides about each article that was read, and stores it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rag.ingestion.chunking import PassageSize, chunk
from rag.ingestion.near_copies import compared
from rag.ingestion.progress import Progress
from rag.ingestion.vectors import Decision, Pending, embedded
from rag.policy import must_stay_local
from rag.receipts import Failure, Note, Receipt, Skipped
from rag.store import Store, Visit
from rag.types import Article, Source

if TYPE_CHECKING:
    from rag.ingestion.documents import Document, Outcome

    Found = Outcome | Visit

# Passages stored together. MiniLM embeds a batch in about two seconds on two cores, which is what a
# kill may cost; storing it takes about a twentieth of that.
BATCH_PASSAGES = 64

# Text that is read before embedding begins, so that the progress bar knows the total: some 10,000
# articles.
READ_AHEAD_CHARACTERS = 50_000_000


def decide(
    location: str, article_id: str, places: Mapping[str, str], stored: Container[str]
) -> Decision:
    """What to do with an article that was read from a place.

    Args:
        location: Where it was read.
        article_id: Its id, which derives from its content.
        places: Article id by place, as the library knows them.
        stored: Ids of the articles in the library.
    """
    known = places.get(location)
    if known is not None and known != article_id:
        return "update"
    return "unchanged" if article_id in stored else "add"


class ReadAhead(NamedTuple):
    """What will be ingested; ``total`` is the number of articles if all are read already."""

    items: Iterable[Outcome]
    total: int | None


def read_ahead(stream: Iterator[Outcome]) -> ReadAhead:
    """Reads articles before any is embedded, as far as memory allows, to count and date them."""
    from rag.ingestion.dates import with_days

    items: list[Outcome] = []
    characters = 0
    for found in stream:
        items.append(found)
        if not isinstance(found, (Failure, Skipped)):
            characters += len(found.article.text)
        if characters > READ_AHEAD_CHARACTERS:
            return ReadAhead(chain(with_days(items), stream), None)
    items = with_days(items)
    return ReadAhead(items, sum(not isinstance(item, (Failure, Skipped)) for item in items))


@dataclass(slots=True)
class Run:
    """The state of one ingest.

    Attributes:
        roots: What is read.
        total: Articles to come in all; None while that is unknown.
        places: Article ids by the place that they were read from.
        stored: Ids of the articles in the library.
        seen: Places that were read this time.
        first: The first place of each article that was read this time or is kept elsewhere.
        pending: By article id.
        moved: Articles in the library that are now at another place, by the new place.
        replaced: Ids of the articles that others took a place of.
        ids: What was decided about each article.
    """

    library: Store
    roots: Sequence[str | Path]
    progress: Callable[[Progress], None] | None
    total: int | None = None
    places: dict[str, str] = field(init=False)
    stored: frozenset[str] = field(init=False)
    seen: set[str] = field(default_factory=set)
    first: dict[str, str] = field(init=False)
    pending: dict[str, Pending] = field(default_factory=dict)
    moved: dict[str, Source] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    ids: dict[str, Decision] = field(default_factory=dict)
    done: int = 0
    removed: tuple[str, ...] = ()
    grouped: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.places = dict(self.library.places())
        self.stored = self.library.article_ids()
        self.first = {
            article_id: place for place, article_id in self.places.items() if not self._reads(place)
        }

    def add_all(
        self,
        streams: Iterable[Iterator[Outcome]],
        prune: bool = False,
        fetched: Iterator[Found] | None = None,
    ) -> Run:
        """Takes in all that is read, and then removes what is gone if ``prune`` is set.

        What is fetched comes last, and is not read ahead: no site should be asked for it twice.
        """
        ahead = read_ahead(chain.from_iterable(streams))
        self.total = None if fetched else ahead.total
        for found in chain(ahead.items, fetched or ()):
            self.add(found)
        self.flush()
        if prune:
            self.prune()
        self._compact()
        return self

    def add(self, found: Found) -> None:
        """Decides about one article, and stores the pending ones when there are enough."""
        if isinstance(found, Failure):
            self.failed.append(found)
        elif isinstance(found, Skipped):
            self.skipped.append(found)
        elif isinstance(found, Visit):
            self._add_visit(found)
        elif found.location not in self.seen:
            self._add(found)

    def _add(self, found: Document) -> None:
        location, article = found.location, found.article
        self.notes += [Note(location, text) for text in found.notes]
        first = self.first.get(article.id)
        if first is None or not _is_there(first):
            self.first[article.id] = location
        elif first != location and (first in self.seen or location not in self.places):
            self.skipped.append(Skipped(location, f"It is a copy of the article in {first}."))
        is_pending = article.id in self.pending
        known = self.pending if is_pending else self.stored
        decision = decide(location, article.id, self.places, known)
        self.seen.add(location)
        if is_pending:
            self.pending[article.id].locations.append(location)
        elif article.id in self.stored:
            if self.places.get(location) != article.id:
                self.moved[location] = article.source
            self._report(decision, article.id, article.source.title)
        elif failure := self._cut(location, article, decision):
            self.failed.append(failure)
            return
        if decision == "update":
            self.replaced.add(self.places[location])
        self.places[location] = article.id
        if sum(len(item.passages) for item in self.pending.values()) >= BATCH_PASSAGES:
            self.flush()

    def _cut(self, location: str, article: Article, decision: Decision) -> Failure | None:
        try:
            article.text.encode("utf-8")
        except UnicodeEncodeError:
            return Failure(article.source.origin, "it contains broken characters (surrogates)")
        destination = self.library.embedder.destination
        if destination is not None and must_stay_local(article.source, destination):
            reason = f"keep_local: its text may not go to the embedder {destination.backend}"
            return Failure(article.source.origin, reason)
        size = PassageSize.of(self.library)
        passages = chunk(article, self.library.embedder.count_tokens, *size)
        if not passages:
            return Failure(article.source.origin, "it contains no text")
        self.pending[article.id] = Pending(article, passages, decision, [location])
        return None

    def flush(self) -> None:
        """Embeds and stores the pending articles; when this returns, they are safe."""
        # Moved articles first: storing a changed one may drop the last place of theirs.
        if self.moved:
            self._place(self.moved)
            self.moved.clear()
        if self.pending:
            pending = tuple(self.pending.values())
            self._store(pending)
            self.pending.clear()
            for item in pending:
                self._report(item.decision, item.article.id, item.article.source.title)
        if self.visits:
            self.library.addresses.record(self.visits)
            self.visits.clear()
        self.stored = self._stored()

    def _store(self, pending: Sequence[Pending]) -> None:
        articles = [item.article.id for item in pending]
        leaving = self.replaced - frozenset(self.places.values())
        # One change: a reindex must not replace the embedder in between.
        with self.library.change():
            embedder = self.library.embedder_for(self.library.egress(), articles)
            entries, notes = compared(embedded(pending, embedder), self.library, leaving)
            self.library.put(entries)
        self.notes += notes
        self.grouped += [entry.article.id for entry in entries if entry.copies_of]

    def _place(self, moved: Mapping[str, Source]) -> None:
        self.library.place(moved)

    def _stored(self) -> frozenset[str]:
        return self.library.article_ids()

    def _forget(self, gone: Sequence[str]) -> tuple[str, ...]:
        """Forgets places; returns the ids of the articles that have no other."""
        return self.library.forget_places(gone)

    def _compact(self) -> None:
        self.library.compact(only_if_worth_it=True)

    def _add_visit(self, visit: Visit) -> None:
        """Keeps a visit until its article is stored; one that gave no article found no change."""
        known = self.places.get(visit.location or "")
        if known in self.stored and visit.location not in self.seen and not visit.gone:
            self.seen.add(visit.location or "")
            self._report("unchanged", str(known), visit.address)
        self.visits.append(visit)
        if self.pending:
            self.flush()

    def _report(self, decision: Decision, article_id: str, title: str) -> None:
        # A copy of what this run added finds it in the library: that does not count as unchanged.
        if self.ids.get(article_id, "unchanged") == "unchanged":
            self.ids[article_id] = decision
        self.done += 1
        if self.progress:
            self.progress(Progress(self.done, self.total, title))

    def _reads(self, location: str) -> bool:
        return any(is_below(location, root) for root in self.roots)

    def prune(self) -> None:
        """Removes articles that are gone from the roots; keeps those that could not be read now."""
        # The origin of a record is its list's path, # and a number; then the whole list is kept.
        origins = [failure.origin for failure in self.failed]
        failed = {*origins, *(origin.rpartition("#")[0] or origin for origin in origins)}
        gone = [
            location
            for location in self.places
            if location not in self.seen
            and self._reads(location)
            and not any(is_below(location, origin) for origin in failed)
        ]
        self.removed = self._forget(gone)

    def _decided(self, decision: Decision) -> tuple[str, ...]:
        return tuple(article_id for article_id, made in self.ids.items() if made == decision)

    def receipt(self) -> Receipt:
        return Receipt(
            added=self._decided("add"),
            updated=self._decided("update"),
            unchanged=self._decided("unchanged"),
            removed=self.removed,
            grouped=tuple(self.grouped),
            failed=tuple(self.failed),
            skipped=tuple(self.skipped),
            notes=tuple(self.notes),
            seconds=time.perf_counter() - self.started,
        )


class DryRun(Run):
    """An ingest that decides all that a real one would, and writes nothing.

    What the library would hold follows from the places: an article without one is gone.
    """

    def _store(self, pending: Sequence[Pending]) -> None:
        pass

    def _place(self, moved: Mapping[str, Source]) -> None:
        pass

    def _stored(self) -> frozenset[str]:
        return frozenset(self.places.values())

    def _forget(self, gone: Sequence[str]) -> tuple[str, ...]:
        ids = dict.fromkeys(self.places.pop(location) for location in gone)
        return tuple(article_id for article_id in ids if article_id not in self._stored())

    def _compact(self) -> None:
        pass


def is_below(location: str, path: str | Path) -> bool:
    """Whether a place is the path itself, inside that folder, or an article of that list."""
    root = os.path.abspath(path)
    return location == root or location.startswith((root.rstrip(os.sep) + os.sep, root + "#"))


def _is_there(location: str) -> bool:
    """Whether the file of a place exists."""
    return os.path.exists(location) or os.path.exists(location.rpartition("#")[0])

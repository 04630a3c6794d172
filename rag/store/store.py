"""The store: one folder that holds one collection of articles, opened by one owner at a time.

The catalog is authoritative; vectors and keywords are derived from it. An ingest writes the catalog
(pending), the vectors, the keywords, then the catalog again (ready); removal runs backwards. After
a kill at any moment, reopening the library leaves each article whole or absent, and a search never
sees two versions of one article.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rag.embedding import adapt, permitted
from rag.errors import ArticleUnknown, EmbedderChanged, LibraryDamaged, LibraryFull, LibraryMissing
from rag.policy import Egress
from rag.settings import load_settings
from rag.store.catalog import Catalog
from rag.store.collections import Collections
from rag.store.disk_errors import is_read_only, working_copy
from rag.store.egress_log import EgressLog
from rag.store.embedding_cache import EmbeddingCache
from rag.store.fetched_addresses import Addresses
from rag.store.index_sync import INDEX_FOLDERS, Indexes
from rag.store.lock import FolderLock
from rag.store.records import ArticleSummary, Entry, FloatMatrix, sentences_of
from rag.store.schema import CATALOG_FILE
from rag.store.snapshot import Snapshot, SnapshotCache
from rag.store.switching import settle
from rag.types import Article, Passage, Source, Span

if TYPE_CHECKING:
    from rag.embedding import Embedder

# The note of how many rows the indexes have deleted since they were made.
DELETED_ROWS = "deleted_rows"
# A library is compacted when this many rows are deleted for each one left, and not just a few.
WORTH_COMPACTING, FEW_ROWS = 0.5, 1_000
# The same where nobody waits for it.
FEW_ROWS_IDLE = 20


class Store:
    """The articles of one open folder; `Store.open` makes one. Safe to use from several threads.

    Attributes:
        path: The folder.
        catalog: Authoritative; ``indexes`` are derived from it. Read them for checks, change them
            only through the store. `Reindexing` replaces the indexes, and the ``embeddings``.
        egress_log: What left this machine, and the library's own rule about it.
        addresses: Where articles were fetched from, and what is followed.
    """

    @classmethod
    def open(
        cls, path: str | Path, *, embedder: Embedder | Any | None = None, create: bool = False
    ) -> Self:
        """Opens the library in a folder and locks the folder until it is closed.

        Interrupted changes are finished or undone. A folder that cannot be written is copied to the
        user's cache until it is closed, and can be asked but not changed.

        Args:
            path: The folder.
            embedder: Embeds questions and articles; ours or a LlamaIndex object (see
                `rag.as_embedder`); by default MiniLM, loaded when it is first needed.
            create: Creates an empty library if there is none.

        Raises:
            LibraryMissing: There is none, and ``create`` is false.
            LibraryBusy: Another process, or this one, has it open.
            LibraryDamaged: The catalog cannot be read, or a newer version wrote it.
            LibraryFull: The folder cannot be written.
            EmbedderChanged: Another embedder than ``embedder`` filled it.
        """
        folder = Path(path).expanduser().absolute()
        _require_catalog(folder, create)
        copy = working_copy(folder) if is_read_only(folder, CATALOG_FILE) else None
        place = Path(copy.name) if copy else folder
        lock = FolderLock(place)
        lock.acquire()
        try:
            opened = cls(place, lock, Catalog(place, create=create), embedder)
        except BaseException:
            lock.release()
            raise
        if copy:
            opened.path, opened._copy = folder, copy
            opened.catalog.freeze(folder)
        return opened

    def __init__(
        self, folder: Path, lock: FolderLock, catalog: Catalog, embedder: Embedder | Any | None
    ) -> None:
        self.path = folder
        self._copy: TemporaryDirectory[str] | None = None
        self._lock = lock
        self.catalog = catalog
        self.indexes = Indexes(folder, catalog)
        self.egress_log = EgressLog(catalog)
        self.addresses = Addresses(catalog)
        self.collections = Collections(catalog)
        # One change at a time; searches continue meanwhile.
        self._changing = threading.RLock()
        self._closed = False
        try:
            settle(folder, catalog)
            self._snapshots = SnapshotCache(catalog)
            self.embeddings = EmbeddingCache(catalog)
            if embedder is not None:
                self.embeddings.set(adapt(embedder), self.egress())
            self._recover()
        except BaseException:
            self._close_parts()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the library and releases the folder; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self._close_parts()
        finally:
            self._lock.release()
            if self._copy:
                self._copy.cleanup()

    def _close_parts(self) -> None:
        try:
            self.indexes.close()
        finally:
            self.catalog.close()

    def set_address(self, address: str | None, token: str | None = None) -> None:
        """Publishes the address at which the folder is served, for this user's processes.

        Args:
            address: The address, or None if it is no longer served.
            token: Proves to the server that a request comes from the owner of the library.
        """
        self._lock.set_address(address, token)

    # -- reading --------------------------------------------------------------------------------

    @property
    def read_only(self) -> bool:
        """Whether the folder cannot be written, so that nothing can be changed or kept."""
        return self._copy is not None

    @property
    def repairs(self) -> tuple[str, ...]:
        """What was repaired when the search indexes were opened; empty before that."""
        return tuple(self.indexes.repairs)

    def egress(
        self,
        allowed: Sequence[str] | None = None,
        for_question: str | Sequence[str] | None = None,
    ) -> Egress:
        """Where text of this library may go: the rules of settings, library and question.

        Args:
            allowed: Places that the settings allow; by default those of the settings files.
            for_question: Places that one question allows.

        Raises:
            SettingsError: A place is invalid.
        """
        if allowed is None:
            allowed = load_settings().text_may_go_to
        return Egress(self.egress_log.rules(allowed, for_question), self.egress_log.record)

    @property
    def embedder(self) -> Embedder:
        """The embedder under the rules of the settings; see `embedder_for`."""
        return self.embedder_for()

    def embedder_for(self, egress: Egress | None = None, articles: Sequence[str] = ()) -> Embedder:
        """The embedder, loaded at the first use, under the rules of ``egress``.

        Args:
            egress: Where text may go; by default as settings and library allow, which takes
                milliseconds to read and is read only if the embedder sends text elsewhere.
            articles: Ids of the articles that the texts come from.

        Raises:
            EmbedderChanged: The library was filled with another one.
        """
        return permitted(self.embeddings.embedder(), egress or self.egress, articles)

    def snapshot(self) -> Snapshot:
        """The current metadata of all articles."""
        return self._snapshots.current()

    def counted(self) -> int | None:
        """The number of articles; None if it is not known without waiting."""
        snapshot = self._snapshots.ready
        return None if snapshot is None else len(snapshot.sources)

    def articles(self) -> tuple[ArticleSummary, ...]:
        """The articles in the order in which they were added, without their texts."""
        return self.catalog.summaries()

    def article(self, article_id: str) -> Article:
        """One article.

        Raises:
            ArticleUnknown: There is none with that id.
        """
        return self.catalog.article(article_id)

    def text(self, article_id: str, start: int, end: int) -> str:
        """The article's own words at a span.

        Raises:
            ArticleUnknown: There is none with that id.
            ValueError: The span does not lie in the article.
        """
        text = self.article(article_id).text
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"{start}-{end} does not lie in an article of {len(text)} characters")
        return text[start:end]

    def places(self) -> Mapping[str, str]:
        """Article ids by the place that each was read from."""
        return self.catalog.places()

    def passage_sentences(self, passage: Passage) -> tuple[tuple[Span, ...], FloatMatrix | None]:
        """The sentences inside a passage as spans of its article, and their vectors if stored.

        The vectors are float32, one row per span.
        """
        spans = sentences_of(passage)
        vectors = self.catalog.sentence_vectors(passage)
        # The sentence splitter may have changed since the vectors were stored.
        if vectors is not None and len(vectors) != len(spans):
            vectors = None
        return spans, vectors

    # -- changing -------------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry]) -> None:
        """Stores articles and where they were read from; all or none become visible.

        An earlier article of the same place that is at no other place is removed.

        Raises:
            LibraryFull: There is no room. What was stored before is still there.
            EmbedderChanged: Another embedder filled the library.
        """
        with self.change():
            known = self.catalog.ready_ids()
            fresh = [entry for entry in entries if entry.article.id not in known]
            self._bind_embedder()
            self.catalog.begin(fresh)
            self.indexes.add([row for entry in fresh for row in entry.rows()])
            self._purge(self.catalog.commit(entries))

    def article_ids(self) -> frozenset[str]:
        """Ids of the articles."""
        return self.catalog.ready_ids()

    def place(self, places: Mapping[str, Source]) -> None:
        """Stores further places of articles in the library; see `put`."""
        with self.change():
            self._purge(self.catalog.place(places))

    def forget_places(self, locations: Iterable[str]) -> tuple[str, ...]:
        """Deletes places, and articles without another place; returns the ids of these."""
        with self.change():
            gone = self.catalog.unplace(locations)
            self._purge(gone)
            return gone

    def remove(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Removes articles and returns their ids.

        Raises:
            ArticleUnknown: One of them does not exist; then none is removed.
        """
        with self.change():
            wanted = tuple(dict.fromkeys(ids))
            self.catalog.retire(wanted)
            self._purge(wanted)
            return wanted

    def rebuild(self) -> None:
        """Rebuilds vectors and keywords from the catalog, without the embedder."""
        with self.change():
            self.indexes.rebuild()
            self.catalog.set_note(DELETED_ROWS, None)

    def compact_when_idle(self) -> bool:
        """Like `compact`, if about a third of the folder is space of deleted passages."""
        return self.compact(only_if_worth_it=True, few=FEW_ROWS_IDLE)

    def compact(self, *, only_if_worth_it: bool = False, few: int | None = None) -> bool:
        """Frees the space of deleted passages; searches wait meanwhile.

        Indexes keep the rows that were deleted, so both are made again from the catalog.

        Args:
            only_if_worth_it: Does nothing while few rows have been deleted.
            few: How many are few, `FEW_ROWS` by default.

        Returns:
            Whether anything was done.
        """
        with self.change():
            deleted = int(self.catalog.note(DELETED_ROWS) or 0)
            live = sum(self.catalog.passage_counts().values())
            if only_if_worth_it and deleted < max(WORTH_COMPACTING * live, few or FEW_ROWS):
                return False
            self.rebuild()
            self.catalog.compact()
            return True

    @contextmanager
    def change(self) -> Iterator[None]:
        """One change at a time, and no other meanwhile; searches go on."""
        with self._changing:
            self._recover()
            try:
                yield
            except (ArticleUnknown, EmbedderChanged):
                raise
            except BaseException:
                # The indexes may contain half a batch: the next use reopens and repairs them.
                self.indexes.abandon()
                raise

    def _recover(self) -> None:
        """Undoes pending articles and finishes removing ones.

        Opening the indexes deletes the rows of articles that are not ready.
        """
        unfinished = self.catalog.unfinished()
        if unfinished:
            self.indexes.close()
            self.indexes.open()
            self.catalog.erase(unfinished)

    def _purge(self, ids: Sequence[str]) -> None:
        """Deletes the rows of articles that are being removed, then the articles."""
        if ids:
            rows = self.catalog.passage_ids(ids)
            self.indexes.delete(rows)
            self.catalog.erase(ids)
            deleted = int(self.catalog.note(DELETED_ROWS) or 0) + len(rows)
            self.catalog.set_note(DELETED_ROWS, str(deleted))

    def _bind_embedder(self) -> None:
        """Stores the identity of the embedder that fills the library."""
        identity = self.embedder.identity
        if self.catalog.identity() != identity:
            # There are no articles. Chroma keeps the dimension of the first vector it ever saw.
            self.indexes.rebuild()
            self.catalog.set_identity(identity)


def is_library(folder: Path) -> bool:
    """Whether a folder holds a library."""
    return (folder / CATALOG_FILE).exists()


def _require_catalog(folder: Path, create: bool) -> None:
    """Raises unless the folder has a catalog or may become a library; creates the folder."""
    if is_library(folder):
        return
    refuse_lost_catalog(folder)
    if not create:
        raise LibraryMissing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryFull(folder, error.strerror or str(error)) from error


def refuse_lost_catalog(folder: Path) -> None:
    """Raises `LibraryDamaged` if a folder holds indexes and no catalog."""
    if not is_library(folder) and any((folder / name).exists() for name in INDEX_FOLDERS):
        raise LibraryDamaged(folder, f"{CATALOG_FILE} is missing")

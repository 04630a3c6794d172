"""The two derived indexes of a library, kept equal to its catalog.

They are opened at the first search or change, because Chroma takes a second to import. Opening
compares their rows with the catalog's ready passages and repairs differences.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from rag.errors import LibraryError
from rag.store.catalog import Catalog
from rag.store.checksums import break_seal, write_seal
from rag.store.disk_errors import IndexUnusable, batches, erase, translated
from rag.store.exact_vectors import MOST_IN_MEMORY, MOST_READ, ExactVectors
from rag.store.records import FloatVector, Hit, Row

if TYPE_CHECKING:
    from rag.store.keywords import Keywords
    from rag.store.vectors import Vectors

INDEX_FOLDERS = ("chroma", "keywords")

# Articles whose rows are restored in one batch; bounds the memory of a rebuild.
RESTORE_BATCH = 200


class Derived(Protocol):
    """The methods that both indexes have."""

    def ids(self) -> frozenset[str]: ...
    def count(self) -> int: ...
    def add(self, rows: Sequence[Row]) -> None: ...
    def delete(self, passage_ids: Sequence[str]) -> None: ...
    def close(self) -> None: ...


Index = TypeVar("Index", bound=Derived)


class Pair(NamedTuple):
    """Both indexes, open."""

    vectors: Vectors
    keywords: Keywords


class Indexes:
    """Both derived indexes. Searching is safe from several threads; changes come one by one.

    ``repairs`` says what was repaired on opening.
    """

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.repairs: list[str] = []
        self._folder = folder
        self._catalog = catalog
        self._lock = threading.RLock()
        self._idle = threading.Condition(self._lock)
        self._uses = 0
        self._pair: Pair | None = None
        # Equal to the vectors in Chroma; changed under the lock.
        self._exact: ExactVectors | None = None

    def open(self) -> Pair:
        """Both indexes, opened and repaired at the first call.

        Raises:
            LibraryFull: They cannot be written.
            IndexUnusable: They could neither be opened nor rebuilt.
        """
        with self._lock:
            if self._pair is None:
                from rag.store.keywords import Keywords
                from rag.store.vectors import Vectors

                vectors_folder, keywords_folder = INDEX_FOLDERS
                self._erase_altered()
                vectors = self._mended("vectors", Vectors, vectors_folder)
                try:
                    keywords = self._mended("keywords", Keywords, keywords_folder)
                except BaseException:
                    with suppress(LibraryError):
                        vectors.close()
                    raise
                self._pair = Pair(vectors, keywords)
            return self._pair

    def _erase_altered(self) -> None:
        """Deletes the indexes whose files changed while nothing had them open."""
        with translated(self._folder):
            for name in break_seal(self._folder):
                self.repairs.append(f"{name}: rebuilt, because its files had changed")
                shutil.rmtree(self._folder / name, ignore_errors=True)

    def _mended(self, name: str, make: Callable[[Path], Index], folder: str) -> Index:
        """An open index with the catalog's ready passages; rebuilt if necessary."""
        try:
            return self._synchronised(name, make)
        except IndexUnusable as error:
            self.repairs.append(f"{name}: rebuilt, because: {error.reason}")
        erase(self._folder, folder)
        return self._synchronised(name, make)

    def _synchronised(self, name: str, make: Callable[[Path], Index]) -> Index:
        index = make(self._folder)
        try:
            wanted = frozenset(self._catalog.passage_ids())
            present = index.ids()
            if index.count() != len(present):
                raise IndexUnusable(self._folder, "some rows are doubled")
            extra, missing = sorted(present - wanted), wanted - present
            if extra:
                index.delete(extra)
                self.repairs.append(f"{name}: removed {len(extra)} rows without an article")
            if missing:
                self._restore(index, missing)
                self.repairs.append(f"{name}: {len(missing)} rows restored from the catalog")
        except BaseException:
            with suppress(LibraryError):
                index.close()
            raise
        return index

    def _restore(self, index: Derived, missing: frozenset[str]) -> None:
        articles = sorted({passage_id.rpartition(":")[0] for passage_id in missing})
        for part in batches(articles, RESTORE_BATCH):
            index.add([row for row in self._catalog.rows(part) if row.passage.id in missing])

    @contextmanager
    def used(self) -> Iterator[Pair]:
        """Both indexes, which are neither closed nor replaced while they are used."""
        with self._lock:
            pair = self.open()
            self._uses += 1
        try:
            yield pair
        finally:
            with self._idle:
                self._uses -= 1
                self._idle.notify_all()

    def close(self) -> None:
        """Closes what is open, once nothing uses it; the next use opens it again."""
        with self._idle:
            self._idle.wait_for(lambda: not self._uses)
            pair, self._pair, self._exact = self._pair, None, None
            if pair is not None:
                try:
                    pair.keywords.close()
                finally:
                    pair.vectors.close()
                with translated(self._folder):
                    write_seal(self._folder, INDEX_FOLDERS)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Both are closed, once nothing uses them; what needs them waits until the end."""
        with self._lock:
            self.close()
            yield

    def abandon(self) -> None:
        """Closes what is open after a failure; further failures are ignored."""
        with suppress(LibraryError):
            self.close()

    def rebuild(self) -> None:
        """Rebuilds both indexes from the catalog, without the embedder."""
        with self._lock:
            self.abandon()
            for name in INDEX_FOLDERS:
                erase(self._folder, name)
            self.open()
            self.repairs.clear()

    def add(self, rows: Sequence[Row]) -> None:
        """Stores passages, vectors first."""
        with self.used() as pair:
            pair.vectors.add(rows)
            with self._lock:
                if self._exact and len(self._exact.ids) + len(rows) > MOST_IN_MEMORY:
                    self._exact = None
                elif self._exact:
                    self._exact = self._exact.with_rows(rows)
            pair.keywords.add(rows)

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Deletes passages, in the opposite order of `add`."""
        with self.used() as pair:
            pair.keywords.delete(passage_ids)
            with self._lock:
                self._exact = self._exact and self._exact.without(passage_ids)
            pair.vectors.delete(passage_ids)

    def dense(self, vector: FloatVector, k: int, allowed: frozenset[str] | None) -> tuple[Hit, ...]:
        """See `rag.retrieval.methods.Index`."""
        with self.used() as pair:
            with self._lock:
                if self._exact is None and (stored := self._catalog.vectors(MOST_IN_MEMORY)):
                    self._exact = ExactVectors(*stored)
                vectors = self._exact
            return (vectors or self._few(allowed) or pair.vectors).search(vector, k, allowed)

    def _few(self, allowed: frozenset[str] | None) -> ExactVectors | None:
        """The vectors of a question's articles, unless it may see all or too many."""
        stored = None if allowed is None else self._catalog.vectors(MOST_READ, allowed)
        return ExactVectors(*stored) if stored else None

    def keyword(self, question: str, k: int, allowed: frozenset[str] | None) -> tuple[Hit, ...]:
        """See `rag.retrieval.methods.Index`."""
        with self.used() as pair:
            return pair.keywords.search(question, k, allowed)

    def ceiling(self, question: str) -> float:
        """See `Keywords.ceiling`."""
        with self.used() as pair:
            return pair.keywords.ceiling(question)

    def rarity(self, stems: Iterable[str]) -> Mapping[str, float]:
        """See `Keywords.rarity`."""
        with self.used() as pair:
            return pair.keywords.rarity(stems)

    def texts(self, passage_ids: Iterable[str]) -> Mapping[str, str]:
        """The text of each passage; empty for one whose article has just left the library."""
        ids = tuple(passage_ids)
        found = self._catalog.texts(ids)
        return {key: found.get(key, "") for key in ids}

    def stories(self, article_ids: Iterable[str]) -> Mapping[str, str]:
        """See `Catalog.stories`."""
        return self._catalog.stories(article_ids)

"""A library: one folder that holds one collection of articles, opened by one owner at a time.

The catalog is the truth; the vectors and the keyword index are made from it. An ingest writes the
catalog (pending), the vectors, the keywords, then the catalog again (ready); taking out runs
backwards. So a kill at any moment leaves an article whole or absent once the library is opened
again, and a search never sees two versions of one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rag.conversations import ConversationStore
from rag.errors import ArticleUnknown, EmbedderChanged, LibraryDamaged, LibraryFull, LibraryMissing
from rag.query.parsing import Query
from rag.retrieval.search import Found, both, find
from rag.store.catalog import Catalog
from rag.store.egress_log import Ledger
from rag.store.embedding_cache import Encoding
from rag.store.index_sync import Indexes
from rag.store.lock import FolderLock
from rag.store.records import ArticleSummary, Entry, FloatMatrix, FloatVector
from rag.store.rows import sentences_of
from rag.store.schema import CATALOG_FILE
from rag.store.snapshot import QuestionReader
from rag.types import Article, Evidence, Filters, Passage, SearchMethod, Source, Span

if TYPE_CHECKING:
    from rag.embedding.base import Embedder

# Folders of the derived indexes: where they stand without a catalog, the catalog was lost.
DERIVED_FOLDERS = ("chroma", "keywords")


def open_library(
    path: str | Path, *, embedder: Embedder | Any | None = None, create: bool = False
) -> Library:
    """Opens the library in a folder and holds the folder until the library is closed.

    What an interrupted change left behind is finished or undone. Use it in a ``with`` statement;
    threads share one open library.

    Args:
        path: The folder.
        embedder: What questions and articles are embedded with, ours or a LlamaIndex object (see
            `rag.as_embedder`); by default MiniLM, loaded when it is first needed.
        create: Makes an empty library where there is none.

    Raises:
        LibraryMissing: There is none, and ``create`` is false.
        LibraryBusy: Another process, or this one, has it open.
        LibraryDamaged: The catalog cannot be read, or a newer version wrote it.
        LibraryFull: The folder cannot be written.
        EmbedderChanged: Another embedder than ``embedder`` filled it.
    """
    folder = Path(path).expanduser().absolute()
    lost = any((folder / name).exists() for name in DERIVED_FOLDERS)
    if not (folder / CATALOG_FILE).exists():
        if lost:
            raise LibraryDamaged(folder, f"{CATALOG_FILE} is missing")
        if not create:
            raise LibraryMissing(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryFull(folder, error.strerror or str(error)) from error
    lock = FolderLock(folder)
    lock.acquire()
    try:
        return Library(folder, lock, Catalog(folder, create=create), embedder)
    except BaseException:
        lock.release()
        raise


class Library:
    """An open library; `open_library` makes one. Safe to use from several threads.

    ``catalog`` and ``indexes`` are its parts, for checks; change them through the library only.
    ``ledger`` tells what left this machine, and holds the library's own rule about it;
    ``conversations`` are those that were kept.
    """

    def __init__(
        self, folder: Path, lock: FolderLock, catalog: Catalog, embedder: Embedder | Any | None
    ) -> None:
        self.path = folder
        self._lock = lock
        self.catalog = catalog
        self.indexes = Indexes(folder, catalog)
        self.ledger = Ledger(catalog)
        self.conversations = ConversationStore(catalog)
        # One change at a time; searches go on meanwhile.
        self._changing = threading.RLock()
        self._closed = False
        try:
            self._encoding = Encoding(catalog, embedder, self.ledger)
            self._reader = QuestionReader(catalog)
            self._settle()
        except BaseException:
            self._close_parts()
            raise

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the folder back; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self._close_parts()
        finally:
            self._lock.release()

    def _close_parts(self) -> None:
        try:
            self.indexes.close()
        finally:
            self.catalog.close()

    def set_address(self, address: str | None) -> None:
        """Lets others who find the folder taken know where it is being served."""
        self._lock.set_address(address)

    # -- reading --------------------------------------------------------------------------------

    @property
    def repairs(self) -> tuple[str, ...]:
        """What opening the search indexes had to mend, in words; empty until they are opened."""
        return tuple(self.indexes.repairs)

    @property
    def embedder(self) -> Embedder:
        """What questions and articles are embedded with, loaded at the first use.

        Raises:
            EmbedderChanged: The library was filled with another one.
        """
        return self._encoding.embedder()

    def articles(self) -> tuple[ArticleSummary, ...]:
        """The articles in the order in which they came, without their texts."""
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
        """Article id by the place that it was read from."""
        return self.catalog.places()

    def passage_sentences(self, passage: Passage) -> tuple[tuple[Span, ...], FloatMatrix | None]:
        """The sentences inside a passage as spans of its article, and their vectors if stored.

        The vectors are float32, one row per span.
        """
        spans = sentences_of(passage)
        vectors = self.catalog.sentence_vectors(passage)
        # Rules for cutting sentences may have changed since the vectors were stored.
        if vectors is not None and len(vectors) != len(spans):
            vectors = None
        return spans, vectors

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        how: SearchMethod = "hybrid",
        filters: Filters | None = None,
    ) -> tuple[Evidence, ...]:
        """The best passages for a question, at most ``k``, ranked from 1.

        Raises:
            SettingsError: ``k`` or ``how`` is out of range.
            LibraryEmpty: There is no article in the library.
            EmbedderChanged: Another embedder filled the library.
        """
        return self.find(question, k, how, filters).evidence

    def find(
        self, question: str, k: int, how: SearchMethod = "hybrid", filters: Filters | None = None
    ) -> Found:
        """Like `search`, with what was understood of the question and how it was found."""
        query, shelf = self._reader.understood(question)
        wanted, embed = both(query.filters, filters), self.question_vector
        return find(self.catalog, self.indexes, embed, query, shelf, k, how, wanted)

    def understand(self, question: str) -> Query:
        """What the question asks for, in the names of this library."""
        return self._reader.understood(question)[0]

    def question_vector(self, question: str) -> FloatVector:
        """The embedded question, of unit length; the last one is remembered."""
        return self._encoding.question(question)

    def embed(self, pieces: Sequence[str]) -> FloatMatrix:
        """Unit vectors of sentences, one row each; the last few thousand are remembered."""
        return self._encoding.sentences(pieces)

    # -- changing -------------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry]) -> None:
        """Stores articles and where they were read from; all of them, or none, become visible.

        An article that was known at one of those places before, and is at no other place, leaves.

        Raises:
            LibraryFull: There is no room. What was stored before is still there.
            EmbedderChanged: Another embedder filled the library.
        """
        with self._change():
            known = self.catalog.ready_ids()
            fresh = [entry for entry in entries if entry.article.id not in known]
            self._claim(self.embedder)
            self.catalog.begin(fresh)
            self.indexes.add([row for entry in fresh for row in entry.rows()])
            self._sweep(self.catalog.commit(entries))

    def article_ids(self) -> frozenset[str]:
        """Ids of the articles."""
        return self.catalog.ready_ids()

    def place(self, places: Mapping[str, Source]) -> None:
        """Notes that articles of the library were read from places too, with what `put` does."""
        with self._change():
            self._sweep(self.catalog.place(places))

    def forget_places(self, locations: Iterable[str]) -> tuple[str, ...]:
        """Forgets places. Articles that are at no other place leave; their ids are returned."""
        with self._change():
            gone = self.catalog.unplace(locations)
            self._sweep(gone)
            return gone

    def remove(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Takes articles out and returns their ids.

        Raises:
            ArticleUnknown: One of them is not there; then none is taken out.
        """
        with self._change():
            wanted = tuple(dict.fromkeys(ids))
            self.catalog.retire(wanted)
            self._sweep(wanted)
            return wanted

    def rebuild(self) -> None:
        """Makes vectors and keywords again from the catalog, without the embedder."""
        with self._change():
            self.indexes.rebuild()

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._changing:
            self._settle()
            try:
                yield
            except (ArticleUnknown, EmbedderChanged):
                raise
            except BaseException:
                # Half a batch may be in there: the next use opens them anew and mends them.
                self.indexes.abandon()
                raise

    def _settle(self) -> None:
        """Undoes what is pending and finishes what is removing.

        Opening the indexes takes out all rows of articles that are not ready.
        """
        unfinished = self.catalog.unfinished()
        if unfinished:
            self.indexes.close()
            self.indexes.open()
            self.catalog.erase(unfinished)

    def _sweep(self, ids: Sequence[str]) -> None:
        """Takes out the rows of articles that are removing, then the articles."""
        if ids:
            self.indexes.delete(self.catalog.passage_ids(ids))
            self.catalog.erase(ids)

    def _claim(self, embedder: Embedder) -> None:
        """Notes the embedder that fills the library."""
        if self.catalog.identity() != embedder.identity:
            # There are no articles. Chroma keeps the dimension of the first vector it ever saw.
            self.indexes.rebuild()
            self.catalog.set_identity(embedder.identity)

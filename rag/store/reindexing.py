"""Makes another index of the same articles beside the one that serves, and puts it in its place.

Its passages are collected in tables of the catalog, batch by batch, so that a kill costs a batch.
When no article is missing, both indexes are made of them in a folder of their own. One transaction
then exchanges the passages, and the folders follow; opening a library finishes what a kill left.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.errors import LibraryBusy, LibraryDamaged
from rag.store.checksums import article_checksum
from rag.store.embedding_cache import EmbeddingCache
from rag.store.index_sync import Indexes
from rag.store.records import identity_notes, passage_rows
from rag.store.schema import SCHEMA_VERSION, TABLES, translated
from rag.store.switching import NEXT, SWITCHED, TARGET, move_indexes, settle

if TYPE_CHECKING:
    from rag.embedding import Embedder
    from rag.store.records import Entry
    from rag.store.store import Store

NEXT_PASSAGES = "next_passages"
# The table of the articles that are done, with the checksums that they will have.
NEXT_ARTICLES = """
CREATE TABLE next_articles (
    article_id TEXT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    checksum   TEXT NOT NULL
);
"""


class Reindexing:
    """An index in the making. Work on the same one is continued, work on another discarded.

    Args:
        store: Serves meanwhile, and may be changed.
        embedder: Makes the vectors.
        notes: What the catalog should note once the index is in place, such as how articles were
            cut. With the embedder's identity, they tell one index from another.

    Raises:
        LibraryFull: The library cannot be written.
    """

    def __init__(self, store: Store, embedder: Embedder, notes: Mapping[str, str]) -> None:
        self._store, self._embedder, self._notes = store, embedder, notes
        told = sorted(notes.items())
        self._target = f"{embedder.identity!r} {told} {SCHEMA_VERSION}"
        if store.catalog.note(TARGET) != self._target:
            with store.catalog.writing(aside=True) as db:
                shutil.rmtree(store.path / NEXT, ignore_errors=True)
                for name in (NEXT_PASSAGES, "next_articles"):
                    db.execute(f"DROP TABLE IF EXISTS {name}")
                db.execute(_next_passages())
                db.execute(NEXT_ARTICLES)
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (TARGET, self._target))

    @contextmanager
    def _writing(self, *, aside: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction that ends if an index of another embedder is being made instead."""
        with self._store.catalog.writing(aside=aside) as db:
            query = "SELECT value FROM meta WHERE key = ?"
            if db.execute(query, (TARGET,)).fetchone() != (self._target,):
                raise LibraryBusy(self._store.path, "another reindex of it")
            yield db

    def missing(self) -> tuple[str, ...]:
        """Ids of the articles that are not in it yet, in the order in which they came."""
        with self._store.catalog.reading() as db:
            rows = db.execute(
                "SELECT id FROM articles WHERE state = 'ready'"
                " AND id NOT IN (SELECT article_id FROM next_articles) ORDER BY rowid"
            )
            return tuple(found for (found,) in rows)

    def put(self, entries: Sequence[Entry]) -> None:
        """Adds articles; those that have since left the library are skipped.

        Raises:
            LibraryFull: There is no room. What was added before is still there.
            LibraryBusy: Another index is being made in the same library.
            LibraryDamaged: An article is no longer as it was stored.
        """
        query = "SELECT checksum FROM articles WHERE id = ? AND state = 'ready'"
        with self._writing() as db:
            for entry in entries:
                key = entry.article.id
                row = db.execute(query, (key,)).fetchone()
                if row is None:
                    continue
                if row[0] != article_checksum(db, key):
                    raise LibraryDamaged(
                        self._store.path,
                        f"{entry.article.source.title!r} ({key}) has changed; remove that article, "
                        "ingest its file, and run the same command again",
                    )
                db.executemany(
                    f"INSERT OR REPLACE INTO {NEXT_PASSAGES} VALUES (?, ?, ?, ?, ?)",
                    list(passage_rows(entry)),
                )
                checksum = article_checksum(db, key, passages=NEXT_PASSAGES)
                db.execute("INSERT OR REPLACE INTO next_articles VALUES (?, ?)", (key, checksum))

    def switch(self) -> bool:
        """Puts the new index in the place of the old one, unless articles are missing.

        Questions are answered from the old one until then, and wait for milliseconds.

        Returns:
            Whether it did.
        """
        store = self._store
        with store.change():
            if self.missing():
                return False
            folder = store.path / NEXT
            with translated(store.path):
                folder.mkdir(exist_ok=True)
            made = Indexes(folder, store.catalog.with_passages(NEXT_PASSAGES))
            made.open()
            made.close()
            with store.indexes.suspended():
                self._exchange()
                move_indexes(store.path)
            settle(store.path, store.catalog)
            return True

    def _exchange(self) -> None:
        """Makes the new passages those of the library, in one transaction."""
        store, identity = self._store, self._embedder.identity
        before, store.embeddings = store.embeddings, EmbeddingCache(store.catalog, self._embedder)
        notes = {**self._notes, **identity_notes(identity), SWITCHED: "1"}
        try:
            with self._writing(aside=False) as db:
                db.execute("ALTER TABLE passages RENAME TO old_passages")
                db.execute(f"ALTER TABLE {NEXT_PASSAGES} RENAME TO passages")
                db.execute(
                    "UPDATE articles SET checksum ="
                    " (SELECT n.checksum FROM next_articles AS n WHERE article_id = id)"
                )
                db.execute("DROP TABLE next_articles")
                db.execute("DELETE FROM meta WHERE key IN (?, 'deleted_rows')", (TARGET,))
                db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", notes.items())
        except BaseException:
            store.embeddings = before
            raise


def _next_passages() -> str:
    """The statement that makes a table like that of the passages."""
    found = re.search(r"CREATE TABLE passages (\(.*?\n\));", TABLES, re.DOTALL)
    assert found is not None  # it is part of every format
    return f"CREATE TABLE {NEXT_PASSAGES} {found[1]}"

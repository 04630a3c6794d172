"""The catalog of a library: one SQLite file of articles, passages, vectors and origins.

Everything else in the folder can be rebuilt from it. Writes are durable when a call returns
(write-ahead log, full sync). One connection serves all threads, one at a time.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import numpy as np

from rag.embedding import EmbedderIdentity
from rag.errors import ArticleUnknown, LibraryFull
from rag.store import schema
from rag.store.checksums import altered_articles, store_checksum
from rag.store.records import (
    SOURCE_COLUMNS,
    ArticleSummary,
    Entry,
    FloatMatrix,
    Row,
    article_at,
    article_of,
    assign_places,
    facts_of,
    identity_notes,
    insert_article,
    join_stories,
    passage_rows,
    passage_texts,
    passage_vectors,
    retire_orphans,
    source_of,
)
from rag.types import Article, Passage, Source


class Catalog:
    """An open catalog. States of an article: ``pending``, ``ready``, ``removing``.

    Searches see only ready articles. Pending and removing ones belong to a change that is in
    progress or was interrupted.
    """

    def __init__(self, folder: Path, *, create: bool) -> None:
        """Opens the catalog of a folder, or makes an empty one.

        Raises:
            LibraryDamaged: It cannot be read, or a newer version wrote it.
            LibraryFull: It cannot be written.
        """
        self.folder = folder
        self._lock = threading.RLock()
        self._connection = schema.connect(folder, create=create)
        self._aside = 0
        self._frozen = False
        self._passages = "passages"

    def with_passages(self, table: str) -> Catalog:
        """The same open catalog with the passages of another table; for reading only."""
        other = copy(self)
        other._passages = table
        return other

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def freeze(self, folder: Path) -> None:
        """Refuses further changes: this is the copy of a read-only library in ``folder``."""
        self.folder, self._frozen = folder, True

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time."""
        with self._lock, schema.translated(self.folder):
            yield self._connection

    @contextmanager
    def writing(self, *, aside: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction; one that is ``aside`` does not change the articles."""
        if self._frozen:
            raise LibraryFull(self.folder, "it is read-only")
        with self._lock, schema.translated(self.folder):
            before = self._connection.total_changes
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
            if aside:
                self._aside += self._connection.total_changes - before

    @contextmanager
    def erasing(self) -> Iterator[sqlite3.Connection]:
        """Like `writing` aside, but deleted content is also overwritten in the files."""
        with self._lock, schema.translated(self.folder):
            self._connection.execute("PRAGMA secure_delete = ON")
            try:
                with self.writing(aside=True) as db:
                    yield db
            finally:
                self._connection.execute("PRAGMA secure_delete = OFF")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- the embedder ---------------------------------------------------------------------------

    def identity(self) -> EmbedderIdentity | None:
        """The embedder that made the vectors; None if there are none yet."""
        with self.reading() as db:
            found = dict(db.execute("SELECT key, value FROM meta WHERE key LIKE 'embedder_%'"))
            names = ("embedder_name", "embedder_dimension", "embedder_digest")
            if not found:
                return None
            if missing := set(names) - found.keys():
                raise ValueError(f"it does not say {', '.join(sorted(missing))}")
            name, dimension, digest = (found[key] for key in names)
            return EmbedderIdentity(name, int(dimension), digest)

    def set_identity(self, identity: EmbedderIdentity) -> None:
        with self.writing() as db:
            notes = identity_notes(identity).items()
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", notes)

    # -- changing -------------------------------------------------------------------------------

    def begin(self, entries: Sequence[Entry]) -> None:
        """Writes articles as pending. None of them may be in the catalog yet."""
        with self.writing() as db:
            for entry in entries:
                insert_article(db, entry.article)
                db.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?)", list(passage_rows(entry))
                )
                store_checksum(db, entry.article.id)

    def commit(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """Makes pending articles ready and assigns their places, in one transaction.

        Returns:
            Ids of articles that lost their last place to them; they are now removing.
        """
        with self.writing() as db:
            db.executemany(
                "UPDATE articles SET state = 'ready' WHERE id = ?",
                [(entry.article.id,) for entry in entries],
            )
            for entry in entries:
                join_stories(db, entry.article.id, entry.copies_of)
            places = {place: entry.article.id for entry in entries for place in entry.locations}
            return assign_places(db, places)

    def place(self, places: Mapping[str, Source]) -> tuple[str, ...]:
        """Stores that ready articles were read from places; returns what `commit` returns.

        An article takes the origin of its newest place.
        """
        with self.writing() as db:
            db.executemany(
                "UPDATE articles SET origin = ? WHERE id = ?",
                [(source.origin, source.id) for source in places.values()],
            )
            return assign_places(db, {place: source.id for place, source in places.items()})

    def unplace(self, locations: Iterable[str]) -> tuple[str, ...]:
        """Forgets places; returns what `commit` returns."""
        gone = list(locations)
        with self.writing() as db:
            owners = [found for place in gone for found in article_at(db, place)]
            db.executemany("DELETE FROM places WHERE location = ?", [(place,) for place in gone])
            return retire_orphans(db, owners)

    def retire(self, ids: Iterable[str]) -> None:
        """Marks articles as removing: searches no longer see them.

        Raises:
            ArticleUnknown: One of them is not there; then none is marked.
        """
        with self.writing() as db:
            for article_id in ids:
                done = db.execute(
                    "UPDATE articles SET state = 'removing' WHERE id = ? AND state = 'ready'",
                    (article_id,),
                )
                if not done.rowcount:
                    raise ArticleUnknown(article_id)

    def erase(self, ids: Iterable[str]) -> None:
        """Deletes articles with passages, places and web addresses, which often hold a title."""
        gone = [(found,) for found in ids]
        with self.writing() as db:
            db.executemany(
                "DELETE FROM addresses WHERE location IN"
                " (SELECT location FROM places WHERE article_id = ?)",
                gone,
            )
            db.executemany("DELETE FROM articles WHERE id = ?", gone)

    # -- reading --------------------------------------------------------------------------------

    def unfinished(self) -> tuple[str, ...]:
        """Ids of the articles that are pending or removing."""
        with self.reading() as db:
            rows = db.execute("SELECT id FROM articles WHERE state <> 'ready' ORDER BY id")
            return tuple(found for (found,) in rows)

    def places(self) -> dict[str, str]:
        """Ready article's id by place."""
        with self.reading() as db:
            return dict(
                db.execute(
                    "SELECT location, article_id FROM places"
                    " JOIN articles ON id = article_id WHERE state = 'ready'"
                )
            )

    @property
    def changes(self) -> int:
        """A number that grows with every change of the articles, for caches."""
        return self._connection.total_changes - self._aside

    def ready_ids(self) -> frozenset[str]:
        with self.reading() as db:
            return frozenset(
                found for (found,) in db.execute("SELECT id FROM articles WHERE state = 'ready'")
            )

    def sources(self) -> tuple[Source, ...]:
        """The sources of all ready articles."""
        with self.reading() as db:
            rows = db.execute(f"SELECT {SOURCE_COLUMNS} FROM articles WHERE state = 'ready'")
            return tuple(source_of(row) for row in rows)

    def stories(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """What near copies share, by article id: of these articles, or of all that are ready."""
        query = "SELECT id, story FROM articles WHERE story IS NOT NULL AND state = 'ready'"
        with self.reading() as db:
            if ids is None:
                return dict(db.execute(query))
            rows = (db.execute(query + " AND id = ?", (each,)).fetchone() for each in ids)
            return dict(row for row in rows if row is not None)

    def summaries(self) -> tuple[ArticleSummary, ...]:
        """The ready articles in the order in which they came."""
        with self.reading() as db:
            rows = db.execute(
                f"SELECT characters, (SELECT count(*) FROM passages WHERE article_id = id), facts,"
                f" {SOURCE_COLUMNS} FROM articles WHERE state = 'ready' ORDER BY rowid"
            )
            return tuple(
                ArticleSummary(source_of(row[3:]), row[0], row[1], facts_of(row[2])) for row in rows
            )

    def article(self, article_id: str) -> Article:
        """One ready article.

        Raises:
            ArticleUnknown: There is none with that id.
        """
        found = self.articles([article_id])
        if article_id not in found:
            raise ArticleUnknown(article_id)
        return found[article_id]

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """Those of the articles that are ready, by id."""
        articles = {}
        with self.reading() as db:
            for article_id in dict.fromkeys(ids):
                row = db.execute(
                    f"SELECT text, removed, facts, {SOURCE_COLUMNS} FROM articles"
                    " WHERE id = ? AND state = 'ready'",
                    (article_id,),
                ).fetchone()
                if row is not None:
                    articles[article_id] = article_of(row)
        return articles

    def texts(self, passage_ids: Iterable[str]) -> dict[str, str]:
        """The text of those of the passages whose articles are ready, by id."""
        with self.reading() as db:
            return dict(passage_texts(db, tuple(passage_ids)))

    def passage_counts(self) -> dict[str, int]:
        """Number of passages by article, also of those that are not ready."""
        with self.reading() as db:
            return dict(db.execute("SELECT article_id, count(*) FROM passages GROUP BY article_id"))

    def passage_ids(self, ids: Iterable[str] | None = None) -> tuple[str, ...]:
        """Ids of the passages of these articles; of all that are ready if None."""
        query = (
            f"SELECT article_id, start, stop FROM {self._passages} JOIN articles ON id = article_id"
        )
        with self.reading() as db:
            if ids is None:
                rows = list(db.execute(query + " WHERE state = 'ready'"))
            else:
                rows = [
                    row
                    for article_id in ids
                    for row in db.execute(query + " WHERE id = ?", (article_id,))
                ]
        return tuple(f"{article_id}:{start}-{stop}" for article_id, start, stop in rows)

    def rows(self, ids: Iterable[str]) -> Iterator[Row]:
        """Passages with their vectors and sources, article by article."""
        for article_id in ids:
            with self.reading() as db:
                article = self.articles([article_id]).get(article_id)
                found = db.execute(
                    f"SELECT start, stop, vector FROM {self._passages}"
                    " WHERE article_id = ? ORDER BY start",
                    (article_id,),
                ).fetchall()
            if article is None:
                continue
            for start, stop, blob in found:
                with schema.translated(self.folder):
                    passage = Passage(article_id, start, stop, article.text[start:stop])
                    row = Row(passage, article.source, np.frombuffer(blob, dtype=np.float32))
                yield row

    def vectors(
        self, most: int, articles: Collection[str] | None = None
    ) -> tuple[tuple[str, ...], FloatMatrix] | None:
        """Ids and vectors of the passages of some articles, or of all.

        None for more passages than ``most``, for vectors of another size than the embedder's, and
        for all articles while some come or go.
        """
        with self.reading() as db:
            identity = self.identity()
            if identity is None or (articles is None and self.unfinished()):
                return None
            return passage_vectors(db, identity.dimension, most, articles)

    def sentence_vectors(self, passage: Passage) -> FloatMatrix | None:
        """One row per sentence of the passage, if they were stored."""
        with self.reading() as db:
            row = db.execute(
                "SELECT sentences, length(vector) / 4 FROM passages"
                " WHERE article_id = ? AND start = ? AND stop = ?",
                (passage.article_id, passage.start, passage.end),
            ).fetchone()
        # Of another size, they are not those of this vector's embedder.
        if row is None or row[0] is None or not row[1] or len(row[0]) % (2 * row[1]):
            return None
        return np.frombuffer(row[0], dtype=np.float16).reshape(-1, row[1]).astype(np.float32)

    # -- notes and health ----------------------------------------------------------------------

    def note(self, key: str) -> str | None:
        """The value stored under a key, such as a setting of the library."""
        with self.reading() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_note(self, key: str, value: str | None) -> None:
        """Stores a value under a key; None deletes it."""
        with self.writing() as db:
            db.execute("DELETE FROM meta WHERE key = ?", (key,))
            if value is not None:
                db.execute("INSERT INTO meta VALUES (?, ?)", (key, value))

    def compact(self) -> None:
        """Gives the space of deleted rows back to the disk."""
        with self.reading() as db:
            # Otherwise a copy of the articles would lie outside the library for a moment.
            db.execute("PRAGMA temp_store = MEMORY")
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def altered(self) -> tuple[tuple[str, str], ...]:
        """Id and title of the articles that are no longer as they were stored."""
        with self.reading() as db:
            return tuple(altered_articles(db))

    def faults(self) -> tuple[str, ...]:
        """The faults that SQLite finds in the file, in its words."""
        with self.reading() as db:
            found = [text for (text,) in db.execute("PRAGMA integrity_check") if text != "ok"]
            found += [f"{row[0]}: row {row[1]}" for row in db.execute("PRAGMA foreign_key_check")]
            (lost,) = db.execute(
                "SELECT count(*) FROM articles WHERE state = 'ready'"
                " AND NOT EXISTS (SELECT 1 FROM places WHERE article_id = id)"
            ).fetchone()
            if lost:
                found.append(f"{lost} articles belong to no file")
        return tuple(found)

"""The values that pass between a library's parts, and the catalog's rows that hold them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag import text as texts
from rag.embedding import EmbedderIdentity
from rag.types import Article, Fact, Part, Passage, Removal, Source, Span, parse_passage_id

FloatMatrix = npt.NDArray[np.floating[Any]]
FloatVector = npt.NDArray[np.float32]

# The norm of a float32 unit vector is off by less than 1e-6; other vectors by far more.
UNIT_TOLERANCE = 1e-3
# The vector in an index may differ from the catalog's by rounding.
SAME_VECTOR = 1e-4


class Hit(NamedTuple):
    """A passage found in one index. Higher scores are better."""

    passage_id: str
    score: float


class ArticleSummary(NamedTuple):
    """An article of a library without its text: its size in characters and passages, its facts."""

    source: Source
    characters: int
    passages: int
    facts: Mapping[str, Fact] = MappingProxyType({})

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        source = self.source
        return {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "author": source.author,
            "published": source.published.isoformat() if source.published else None,
            "url": source.url,
            "origin": source.origin,
            "characters": self.characters,
            "passages": self.passages,
            "facts": {name: fact._asdict() for name, fact in self.facts.items()},
        }


class Row(NamedTuple):
    """A passage as the derived indexes need it."""

    passage: Passage
    source: Source
    vector: FloatVector


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An article that is ready to be stored.

    Args:
        article: The article.
        passages: Its passages.
        vectors: One row of unit length per passage.
        locations: Where the article was read from, at least one.
        sentence_vectors: Per passage one row per sentence, or None; empty when there are none.
        copies_of: Ids of the articles that it nearly repeats.
    """

    article: Article
    passages: tuple[Passage, ...]
    vectors: FloatMatrix
    locations: tuple[str, ...]
    sentence_vectors: tuple[FloatMatrix | None, ...] = ()
    copies_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.locations:
            raise ValueError("an article must have been read from somewhere")
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.passages):
            raise ValueError(f"{len(self.passages)} passages need as many vectors, as rows")
        if self.sentence_vectors and len(self.sentence_vectors) != len(self.passages):
            raise ValueError("sentence vectors must be given for each passage or for none")
        if any(passage.article_id != self.article.id for passage in self.passages):
            raise ValueError("the passages must be of the article")
        lengths = np.linalg.norm(self.vectors, axis=1)
        if not np.all(np.abs(lengths - 1.0) < UNIT_TOLERANCE):
            raise ValueError("the vectors must have unit length")

    def rows(self) -> tuple[Row, ...]:
        """The passages with their vectors."""
        vectors = np.asarray(self.vectors, dtype=np.float32)
        pairs = zip(self.passages, vectors, strict=True)
        return tuple(Row(passage, self.article.source, vector) for passage, vector in pairs)


SOURCE_COLUMNS = "id, title, origin, url, publisher, author, published, category, keep_local, parts"


def insert_article(db: sqlite3.Connection, article: Article) -> None:
    source = article.source
    db.execute(
        f"INSERT INTO articles (text, removed, facts, characters, state, {SOURCE_COLUMNS})"
        " VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.text,
            json.dumps(article.removed, ensure_ascii=False),
            json.dumps(article.facts, ensure_ascii=False),
            len(article.text),
            source.id,
            source.title,
            source.origin,
            source.url,
            source.publisher,
            source.author,
            source.published.isoformat() if source.published else None,
            source.category,
            source.keep_local,
            json.dumps(source.parts, ensure_ascii=False),
        ),
    )


def passage_rows(entry: Entry) -> Iterator[tuple[str, int, int, bytes, bytes | None]]:
    sentences = entry.sentence_vectors or (None,) * len(entry.passages)
    for passage, vector, rows in zip(entry.passages, entry.vectors, sentences, strict=True):
        yield (
            passage.article_id,
            passage.start,
            passage.end,
            np.ascontiguousarray(vector, dtype=np.float32).tobytes(),
            None if rows is None else np.ascontiguousarray(rows, dtype=np.float16).tobytes(),
        )


@lru_cache(maxsize=4_096)
def sentences_of(passage: Passage) -> tuple[Span, ...]:
    """The sentences of a passage as spans of its article; the last few thousand are cached."""
    found = texts.sentences(passage.text)
    return tuple(Span(passage.start + span.start, passage.start + span.end) for span in found)


# Passages in one statement; SQLite allows 32,766 variables.
MOST_ASKED = 5_000


def passage_texts(db: sqlite3.Connection, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Id and text of passages of ready articles, without reading whole articles.

    A passage that does not lie in its article, because the text was altered, is left out.
    """
    for first in range(0, len(ids), MOST_ASKED):
        part = ids[first : first + MOST_ASKED]
        values: list[str | int] = []
        for passage_id in part:
            article_id, start, end = parse_passage_id(passage_id)
            values += (passage_id, article_id, start + 1, end - start)
        asked = ", ".join(["(?, ?, ?, ?)"] * len(part))
        yield from db.execute(
            f"WITH asked (passage, article, start, length) AS (VALUES {asked})"
            " SELECT passage, substr(text, start, length) FROM asked"
            " JOIN articles ON id = article WHERE state = 'ready'"
            " AND start + length - 1 <= characters AND start + length - 1 <= length(text)",
            values,
        )


def passage_vectors(
    db: sqlite3.Connection, dimension: int, most: int, articles: Collection[str] | None
) -> tuple[tuple[str, ...], FloatMatrix] | None:
    """Ids of the passages of some articles, or of all, and their vectors, float32, one row each.

    None without passages, for more than ``most``, and for vectors of another size.
    """
    chosen, ids = "", tuple(articles or ())
    if articles is not None:
        if len(ids) > most:  # none is without a passage
            return None
        chosen = f" WHERE article_id IN ({', '.join('?' * len(ids))})"
    (count,) = db.execute(f"SELECT count(*) FROM passages{chosen}", ids).fetchone()
    if count > most:
        return None
    query = f"SELECT article_id, start, stop, vector FROM passages{chosen}"
    found = db.execute(query, ids).fetchall()
    if {len(row[3]) for row in found} != {4 * dimension}:
        return None
    rows = np.frombuffer(b"".join(row[3] for row in found), dtype=np.float32)
    names = tuple(f"{article_id}:{start}-{stop}" for article_id, start, stop, _ in found)
    return names, rows.reshape(len(names), -1)


def assign_places(db: sqlite3.Connection, places: Mapping[str, str]) -> tuple[str, ...]:
    owners = [found for place in places for found in article_at(db, place)]
    db.executemany("INSERT OR REPLACE INTO places VALUES (?, ?)", list(places.items()))
    return retire_orphans(db, owners)


def article_at(db: sqlite3.Connection, location: str) -> tuple[str, ...]:
    rows = db.execute("SELECT article_id FROM places WHERE location = ?", (location,))
    return tuple(found for (found,) in rows)


def retire_orphans(db: sqlite3.Connection, ids: Iterable[str]) -> tuple[str, ...]:
    """Marks articles without a place as removing and returns their ids."""
    orphans = []
    for article_id in dict.fromkeys(ids):
        done = db.execute(
            "UPDATE articles SET state = 'removing' WHERE id = ? AND state = 'ready'"
            " AND NOT EXISTS (SELECT 1 FROM places WHERE article_id = id)",
            (article_id,),
        )
        if done.rowcount:
            orphans.append(article_id)
    return tuple(orphans)


def join_stories(db: sqlite3.Connection, article_id: str, copies_of: Sequence[str]) -> None:
    """Makes one story of an article, those that it nearly repeats, and all copies of these."""
    marks = ", ".join("?" * len(copies_of))
    query = f"SELECT coalesce(story, id) FROM articles WHERE id IN ({marks}) ORDER BY rowid"
    stories = [story for (story,) in db.execute(query, tuple(copies_of))]
    for column, values in (("id", (article_id, *copies_of)), ("story", stories)):
        db.executemany(
            f"UPDATE articles SET story = ? WHERE {column} = ?",
            [(stories[0], value) for value in values if stories],
        )


def source_of(row: Sequence[str | None]) -> Source:
    identifier, title, origin, url, publisher, author, published, category, keep_local, parts = row
    return Source(
        str(identifier),
        str(title),
        origin=str(origin),
        url=url,
        publisher=publisher,
        author=author,
        published=date.fromisoformat(published) if published else None,
        category=category,
        keep_local=bool(keep_local),
        parts=tuple(Part(*part) for part in json.loads(parts or "[]")),
    )


def article_of(row: Sequence[str]) -> Article:
    removed = tuple(Removal(rule, text) for rule, text in json.loads(row[1]))
    return Article(source_of(row[3:]), row[0], removed, facts_of(row[2]))


def facts_of(written: str) -> dict[str, Fact]:
    return {name: Fact(*fact) for name, fact in json.loads(written).items()}


def identity_notes(identity: EmbedderIdentity) -> dict[str, str]:
    """The notes that tell which embedder made the vectors."""
    return {
        "embedder_name": identity.name,
        "embedder_dimension": str(identity.dimension),
        "embedder_digest": identity.digest,
    }

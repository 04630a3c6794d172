"""One checksum for each article: of its text, its metadata, its passages and their vectors.

It is stored with the article. `footnote doctor` computes it again, because SQLite does not notice
a value that was changed inside a sound file.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

# An article's origin is left out: it changes when the file moves.
ARTICLE = (
    "id, title, url, publisher, author, published, category, keep_local, text, characters, removed,"
    " parts, facts"
)
PASSAGE = "start, stop, vector, sentences"


def article_checksum(db: sqlite3.Connection, article_id: str, *, passages: str = "passages") -> str:
    """The checksum of what the tables hold of an article now, as hexadecimal digits."""
    digest = hashlib.sha256()
    for value in _stored_values(db, article_id, passages):
        # The length keeps ("ab", "c") apart from ("a", "bc"), -1 nothing from "".
        digest.update(f"{-1 if value is None else len(value)}:".encode() + (value or b""))
    return digest.hexdigest()


def store_checksum(db: sqlite3.Connection, article_id: str) -> None:
    """Stores the checksum of what the tables hold of an article now."""
    checksum = article_checksum(db, article_id)
    db.execute("UPDATE articles SET checksum = ? WHERE id = ?", (checksum, article_id))


def altered_articles(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Id and title of the ready articles that are not what their checksum says."""
    rows = db.execute(
        "SELECT id, CAST(title AS BLOB), checksum FROM articles WHERE state = 'ready' ORDER BY id"
    )
    for article_id, title, checksum in rows.fetchall():
        if article_checksum(db, article_id) != checksum:
            yield article_id, title.decode("utf-8", "replace")


def _stored_values(
    db: sqlite3.Connection, article_id: str, passages: str
) -> Iterator[bytes | None]:
    """As bytes, because a damaged text may not be one."""
    for table, columns, key in (("articles", ARTICLE, "id"), (passages, PASSAGE, "article_id")):
        cast = ", ".join(f"CAST({column} AS BLOB)" for column in columns.split(", "))
        for row in db.execute(f"SELECT {cast} FROM {table} WHERE {key} = ?", (article_id,)):
            yield from row

"""Checksums: of each article in the catalog, and of the files of both indexes.

SQLite does not notice a value that was changed inside a sound file, so `footnote doctor` computes
the checksums of articles again. Chroma and Tantivy read a file that was altered in between without
noticing, or crash: so their files are sealed when the indexes are closed properly, and compared
before they are opened. An index that differs is made again from the catalog.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

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


FILE = "indexes.json"
BLOCK = 1 << 20


def write_seal(library: Path, folders: Iterable[str]) -> None:
    """Stores the checksum of every file in the folders; they must not be in use."""
    fresh = library / (FILE + ".new")
    fresh.write_text(json.dumps({name: _checksums(library / name) for name in folders}))
    os.replace(fresh, library / FILE)


def break_seal(library: Path) -> frozenset[str]:
    """Deletes the seal, because the indexes are about to be used.

    Returns:
        The folders whose files are not those that were sealed; none if there was no seal, as after
        a kill.
    """
    try:
        sealed = json.loads((library / FILE).read_text())
        altered = {name for name, was in sealed.items() if was != _checksums(library / name)}
    except FileNotFoundError:
        return frozenset()
    except (ValueError, AttributeError, TypeError):
        altered = set()
    (library / FILE).unlink()
    return frozenset(altered)


def _checksums(folder: Path) -> dict[str, int]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _crc32(path) for path in files}


def _crc32(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            value = zlib.crc32(block, value)
    return value

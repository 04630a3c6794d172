"""The catalog's file: tables, format version, and SQLite's errors translated."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path

from rag.errors import LibraryDamaged, LibraryError, LibraryFull
from rag.store.checksums import store_checksum
from rag.store.disk_errors import why_not_writable

CATALOG_FILE = "catalog.sqlite3"
SCHEMA_VERSION = 8

TABLES = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE articles (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    origin     TEXT NOT NULL,
    url        TEXT,
    publisher  TEXT,
    author     TEXT,
    published  TEXT,                      -- a day, as in 2025-02-03
    category   TEXT,
    keep_local INTEGER NOT NULL DEFAULT 0,
    text       TEXT NOT NULL,
    characters INTEGER NOT NULL,
    removed    TEXT NOT NULL,             -- JSON: [[rule, text], ...]
    parts      TEXT NOT NULL DEFAULT '[]',  -- JSON: [[label, start, anchor], ...], as pages
    facts      TEXT NOT NULL DEFAULT '{}',  -- JSON: {name: [value, who says so], ...}
    state      TEXT NOT NULL CHECK (state IN ('pending', 'ready', 'removing')),
    checksum   TEXT,                      -- see rag/store/checksums.py
    story      TEXT                       -- the same for near copies; NULL where none is known
);
CREATE INDEX articles_by_state ON articles (state);
CREATE INDEX articles_by_story ON articles (story) WHERE story IS NOT NULL;
CREATE TABLE places (
    location   TEXT PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX places_by_article ON places (article_id);
CREATE TABLE passages (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start      INTEGER NOT NULL,
    stop       INTEGER NOT NULL,          -- offsets count characters; "end" is a keyword of SQL
    vector     BLOB NOT NULL,             -- float32, little-endian, unit length
    sentences  BLOB,                      -- float16 rows, one per sentence; NULL when not stored
    PRIMARY KEY (article_id, start, stop)
);
"""
# Calls that carried something away from this machine, or asked whether somebody is there.
OUTGOING = """
CREATE TABLE outgoing (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,             -- UTC, as in 2026-02-03T04:05:06+00:00
    backend    TEXT NOT NULL,
    model      TEXT,
    host       TEXT NOT NULL,
    location   TEXT NOT NULL,
    characters INTEGER NOT NULL,
    articles   TEXT NOT NULL              -- JSON: [id, ...]; they may have left since
);
"""
# Questions with their answers as they were; "folded" is what a search looks through.
CONVERSATIONS = """
CREATE TABLE conversations (
    id      TEXT PRIMARY KEY,
    title   TEXT NOT NULL,
    folded  TEXT NOT NULL,
    started TEXT NOT NULL,                -- UTC, as in 2026-02-03T04:05:06.789+00:00
    changed TEXT NOT NULL
);
CREATE INDEX conversations_by_change ON conversations (changed);
CREATE TABLE turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,        -- from 1
    at           TEXT NOT NULL,
    question     TEXT NOT NULL,
    read_as      TEXT NOT NULL,
    backend      TEXT NOT NULL,
    filters      TEXT NOT NULL,           -- JSON: those that were set, or null
    answer       TEXT NOT NULL,           -- JSON: sentences, citations, evidence, trace
    folded       TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE turn_articles (
    conversation TEXT NOT NULL,
    number       INTEGER NOT NULL,
    article_id   TEXT NOT NULL,           -- in its evidence; it may have left since
    PRIMARY KEY (conversation, number, article_id),
    FOREIGN KEY (conversation, number) REFERENCES turns (conversation, number) ON DELETE CASCADE
);
CREATE INDEX turns_by_article ON turn_articles (article_id);
"""
# Where articles were fetched from, and what was said there to recognise a version by.
ADDRESSES = """
CREATE TABLE addresses (
    address  TEXT PRIMARY KEY,            -- as it was asked for
    location TEXT,                        -- the place of its article; NULL for a list of pages
    etag     TEXT,
    modified TEXT,
    named    INTEGER NOT NULL             -- whether a refresh asks for it
);
"""
# What readers thought of stored answers, and choices of articles that have a name.
JUDGMENTS = """
CREATE TABLE feedback (
    conversation TEXT NOT NULL,
    number       INTEGER NOT NULL,
    good         INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    note         TEXT NOT NULL,
    at           TEXT NOT NULL,
    PRIMARY KEY (conversation, number),
    FOREIGN KEY (conversation, number) REFERENCES turns (conversation, number) ON DELETE CASCADE
);
CREATE TABLE collections (
    name     TEXT PRIMARY KEY,
    articles TEXT NOT NULL                -- JSON: [id, ...]; they may have left since
);
"""
TABLES += OUTGOING + CONVERSATIONS + ADDRESSES + JUDGMENTS
TABLE_NAMES = tuple(re.findall(r"CREATE TABLE (\w+)", TABLES))
# Statements that convert a catalog to the next format.
STEPS = {
    1: "ALTER TABLE articles ADD COLUMN keep_local INTEGER NOT NULL DEFAULT 0;" + OUTGOING,
    2: CONVERSATIONS,
    3: "ALTER TABLE articles ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';"
    "ALTER TABLE articles ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';",
    4: "ALTER TABLE articles ADD COLUMN checksum TEXT;",
    5: ADDRESSES,
    6: JUDGMENTS,
    7: "ALTER TABLE articles ADD COLUMN story TEXT;"
    "CREATE INDEX articles_by_story ON articles (story) WHERE story IS NOT NULL;",
}
CHECKSUMS_SINCE = 5


def software_version() -> str:
    """The version of the installed distribution, or ``unknown`` when it runs from source."""
    try:
        return metadata.version("footnote-rag")
    except metadata.PackageNotFoundError:
        return "unknown"


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turns the errors of SQLite, and of values that cannot be read, into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(folder, error) from error
    except UnicodeEncodeError:
        # Half a character in what was asked for; the file is sound.
        raise
    except (ValueError, TypeError) as error:
        raise LibraryDamaged(folder, f"{error}; footnote doctor names the articles") from error
    except OSError as error:
        raise LibraryFull(folder, error.strerror or str(error)) from error


def translate(folder: Path, error: sqlite3.Error) -> LibraryError:
    message = str(error)
    if reason := why_not_writable(folder, message):
        return LibraryFull(folder, reason)
    return LibraryDamaged(folder, message)


def connect(folder: Path, *, create: bool) -> sqlite3.Connection:
    """A connection with durable writes and foreign keys; transactions are explicit.

    Raises:
        LibraryDamaged: The file cannot be read, or a newer version wrote it. It is unchanged.
        LibraryFull: The file cannot be written.
    """
    path = folder / CATALOG_FILE
    with translated(folder):
        if create and not path.exists():
            _create(path)
        _refuse_unreadable(folder, path)
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            _bring_up_to_date(path, connection)
            _configure(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    """Converts an older format in one transaction and keeps a copy of the old file."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found == SCHEMA_VERSION:
        return
    kept = path.with_name(f"{path.name}.format-{found}")
    with closing(sqlite3.connect(kept)) as copy:
        connection.backup(copy)
    steps = "".join(STEPS[version] for version in range(found, SCHEMA_VERSION))
    connection.executescript(f"BEGIN IMMEDIATE; {steps}")
    if found < CHECKSUMS_SINCE:
        for (article_id,) in connection.execute("SELECT id FROM articles").fetchall():
            store_checksum(connection, article_id)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Reads every table's root, so that a damaged file is found now and not during a question.
    for table in TABLE_NAMES:
        connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
    row = connection.execute("SELECT value FROM meta WHERE key = 'written_by'").fetchone()
    versions = row[0].split() if row else []
    if software_version() not in versions:
        versions.append(software_version())
        connection.execute(
            "INSERT OR REPLACE INTO meta VALUES ('written_by', ?)", (" ".join(versions),)
        )


def _create(path: Path) -> None:
    """Creates an empty catalog elsewhere and moves it here, so that it is never incomplete."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(TABLES)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    os.replace(fresh, path)


def _refuse_unreadable(folder: Path, path: Path) -> None:
    """Checks the first bytes of the file without SQLite, which would write files next to it."""
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise LibraryDamaged(folder, "it is not an SQLite file, or it was cut off")
    # A write-ahead log may contain pages that the file does not have yet.
    log = path.with_name(path.name + "-wal")
    page_size = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65_536 if page_size == 1 else page_size)
    if path.stat().st_size < expected and not (log.exists() and log.stat().st_size):
        raise LibraryDamaged(folder, "it was cut off")
    version = int.from_bytes(header[60:64], "big")
    if version > SCHEMA_VERSION:
        raise LibraryDamaged(
            folder,
            f"it has format {version}, written by Footnote {_written_by(path)}; this is Footnote "
            f"{software_version()}, which reads up to format {SCHEMA_VERSION}: install the "
            "newer one",
        )
    if version == 0:
        raise LibraryDamaged(folder, "it has no format number, so Footnote did not write it")


def _written_by(path: Path) -> str:
    try:
        uri = path.resolve().as_uri() + "?immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'written_by'").fetchone()
        return str(row[0].split()[-1])
    except (sqlite3.Error, AttributeError, IndexError, TypeError):
        return "of an unknown version"

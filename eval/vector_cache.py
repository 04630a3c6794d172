"""Vectors kept by the hash of what was embedded, so that a second library needs no embedding."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from platformdirs import user_cache_dir

from rag import FootnoteError, Span, default_embedder

FILE = "eval-vectors.sqlite3"


class SpanVectors(NamedTuple):
    """As the embedder gives them: one row for each text, and for each a table of its spans."""

    texts: np.ndarray
    spans: tuple[np.ndarray, ...]


class CachedEmbedder:
    """The default embedder, asked only for texts that it has not embedded before.

    Args:
        folder: Where the vectors are kept; by default the user's cache folder.

    Attributes:
        identity: That of the embedder itself; it is part of every key.
        destination: Where that sends texts.
        embedded: How many texts were not in the cache.

    Raises:
        FootnoteError: The folder cannot be written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        # Of MiniLM's own kind, which also embeds stretches of a text.
        self._inner: Any = default_embedder()
        self.identity = self._inner.identity
        self.destination = self._inner.destination
        self.embedded = 0
        place = folder or Path(user_cache_dir("footnote"))
        try:
            place.mkdir(parents=True, exist_ok=True)
            self._file = place / FILE
            with closing(self._connect()) as db:
                db.execute(
                    "CREATE TABLE IF NOT EXISTS vectors"
                    " (key BLOB PRIMARY KEY, rows BLOB) WITHOUT ROWID"
                )
        except (OSError, sqlite3.Error) as error:
            raise FootnoteError(f"Vectors cannot be kept in {str(place)!r} ({error}).") from error

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """See `Embedder.embed`."""
        return self.embed_with_spans(texts, [() for _ in texts]).texts

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> SpanVectors:
        """Vectors of the texts, and of stretches of them read in their context."""
        keys = [self._key(text, of) for text, of in zip(texts, spans, strict=True)]
        found = self._read(keys)
        fresh = list(dict.fromkeys(n for n, key in enumerate(keys) if key not in found))
        self.embedded += len(fresh)
        if fresh:
            made = self._inner.embed_with_spans(
                [texts[n] for n in fresh], [spans[n] for n in fresh]
            )
            for n, whole, parts in zip(fresh, made.texts, made.spans, strict=True):
                found[keys[n]] = np.vstack([whole[np.newaxis], parts]).astype(np.float32)
            self._write((keys[n], found[keys[n]]) for n in fresh)
        tables = [found[key] for key in keys]
        width = self.identity.dimension
        whole_texts = np.array([table[0] for table in tables]).reshape(-1, width)
        return SpanVectors(whole_texts, tuple(table[1:] for table in tables))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Embedder.count_tokens`."""
        return list(self._inner.count_tokens(texts))

    def _key(self, text: str, spans: Sequence[Span]) -> bytes:
        parts = (str(self.identity), text, *(f"{span.start}-{span.end}" for span in spans))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()

    def _connect(self) -> sqlite3.Connection:
        # Anew for each use: an embedder has no end at which it could close one.
        return sqlite3.connect(self._file)

    def _read(self, keys: Iterable[bytes]) -> dict[bytes, np.ndarray]:
        found = {}
        with closing(self._connect()) as db:
            for key in dict.fromkeys(keys):
                query = "SELECT rows FROM vectors WHERE key = ?"
                if row := db.execute(query, (key,)).fetchone():
                    vectors = np.frombuffer(row[0], dtype=np.float32)
                    found[key] = vectors.reshape(-1, self.identity.dimension)
        return found

    def _write(self, rows: Iterable[tuple[bytes, np.ndarray]]) -> None:
        with closing(self._connect()) as db, db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, table.tobytes()) for key, table in rows],
            )

"""The embedder of a library, loaded when first needed, and a cache of sentence vectors."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.embedding import default_embedder, permitted
from rag.errors import EmbedderChanged
from rag.policy import Egress
from rag.store.catalog import Catalog
from rag.store.records import FloatMatrix, FloatVector

if TYPE_CHECKING:
    from rag.embedding import Embedder

# 1.5 kB each: 6 MB.
MOST_SENTENCES = 4_096


class EmbeddingCache:
    """Holds the embedder of one catalog; by default MiniLM. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, embedder: Embedder | None = None) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._loading = threading.Lock()
        self._sentences: dict[str, FloatVector] = {}

    def set(self, embedder: Embedder, egress: Egress) -> None:
        """Replaces the default embedder.

        Raises:
            EmbedderChanged: The library was filled with another one.
        """
        self._check(permitted(embedder, egress))
        self._embedder = embedder

    def embedder(self) -> Embedder:
        """The embedder, without a guard; raises what `set` does."""
        with self._loading:
            if self._embedder is None:
                filled = self._catalog.identity() if self._catalog.ready_ids() else None
                embedder = default_embedder(identity=filled)
                self._check(embedder)
                self._embedder = embedder
            return self._embedder

    def sentences(self, pieces: Sequence[str], embedder: Embedder) -> FloatMatrix:
        """Unit vectors of sentences, one row each; the last few thousand are cached."""
        # One look: another thread may replace the cache at any moment.
        known = self._sentences
        fresh = [piece for piece in dict.fromkeys(pieces) if piece not in known]
        # Emptied when full: simpler than tracking use, and refilling it costs a second.
        if len(known) + len(fresh) > MOST_SENTENCES:
            known = self._sentences = {}
            fresh = list(dict.fromkeys(pieces))
        if fresh:
            known.update(zip(fresh, embedder.embed(fresh), strict=True))
        return np.stack([known[piece] for piece in pieces])

    def _check(self, embedder: Embedder) -> None:
        was = self._catalog.identity()
        if was is not None and was != embedder.identity and self._catalog.ready_ids():
            raise EmbedderChanged(self._catalog.folder, str(was), str(embedder.identity))

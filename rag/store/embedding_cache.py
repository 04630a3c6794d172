"""The embedder of a library: loaded when it is first needed, and never exchanged."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.embedding.guard import guarded
from rag.errors import EmbedderChanged
from rag.store.catalog import Catalog
from rag.store.egress_log import Ledger
from rag.store.records import FloatMatrix, FloatVector

if TYPE_CHECKING:
    from rag.embedding.base import Embedder


# 1.5 kB each: 6 MB.
MOST_SENTENCES = 4_096


def with_mark(question: str) -> str:
    """The question with one question mark at its end, or inside of its last quotation mark."""
    bare = question.rstrip()
    inside = bare.rstrip("\"'”’»)]")
    if inside != bare and inside.endswith("?"):
        return bare
    return bare.rstrip(" \t\n.!?？！。") + "?"


def default_embedder() -> Embedder:
    """What libraries are filled with unless another embedder is given: MiniLM."""
    # Not LlamaIndex's wrapper of it, whose import takes longer than a question.
    from rag.embedding.encoder import load_encoder

    return load_encoder()


class Encoding:
    """Holds the embedder of one catalog; by default MiniLM. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, embedder: Embedder | Any | None, ledger: Ledger) -> None:
        """Takes an embedder.

        Raises:
            EmbedderChanged: The library was filled with another one.
        """
        self._catalog = catalog
        self._embedder: Embedder | None = None
        self._loading = threading.Lock()
        self._last_question: tuple[str, FloatVector] = ("", np.zeros(0, dtype=np.float32))
        self._sentences: dict[str, FloatVector] = {}
        if embedder is not None:
            self._embedder = guarded(embedder, ledger)
            self._check(self._embedder)

    def embedder(self) -> Embedder:
        """The embedder; raises what the constructor does."""
        with self._loading:
            if self._embedder is None:
                embedder = default_embedder()
                self._check(embedder)
                self._embedder = embedder
            return self._embedder

    def question(self, question: str) -> FloatVector:
        """The embedded question, of unit length; the last one is remembered.

        With its question mark or without, it is the same question. It is read with it, since the
        embedder then tells better what answers it; docs/evaluation.md has the figures.
        """
        question = with_mark(question)
        # One tuple, replaced at once: threads see either the old question or the new one.
        known, vector = self._last_question
        if known != question or not vector.size:
            embedder = self.embedder()
            special = getattr(embedder, "embed_question", None)
            rows: FloatMatrix = special(question) if special else embedder.embed([question])
            vector = rows[0]
            self._last_question = (question, vector)
        return vector

    def sentences(self, pieces: Sequence[str]) -> FloatMatrix:
        """Unit vectors of sentences, one row each; the last few thousand are remembered."""
        fresh = [piece for piece in dict.fromkeys(pieces) if piece not in self._sentences]
        # Emptied when full: simpler than an order of use, and a refill costs a second.
        if len(self._sentences) + len(fresh) > MOST_SENTENCES:
            self._sentences = {}
            fresh = list(dict.fromkeys(pieces))
        known = self._sentences
        if fresh:
            known.update(zip(fresh, self.embedder().embed(fresh), strict=True))
        return np.stack([known[piece] for piece in pieces])

    def _check(self, embedder: Embedder) -> None:
        was = self._catalog.identity()
        if was is not None and was != embedder.identity and self._catalog.ready_ids():
            raise EmbedderChanged(self._catalog.folder, str(was), str(embedder.identity))

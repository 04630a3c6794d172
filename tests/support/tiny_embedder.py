"""An embedder that anyone can predict: the more words two texts share, the nearer they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.embedding.base import EmbedderIdentity
from rag.policy import Destination
from rag.text import words
from rag.types import Span

DIMENSION = 384


class SpanVectors(NamedTuple):
    texts: NDArray[np.float32]
    spans: tuple[NDArray[np.float32], ...]


class TinyEmbedder:
    """Adds up one fixed random direction per word; keeps what it was given in ``embedded``."""

    destination: Destination | None = None

    def __init__(self, name: str = "tiny", dimension: int = DIMENSION) -> None:
        self.identity = EmbedderIdentity(name, dimension, "0" * 64)
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(
            len(texts), self.identity.dimension
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) for text in texts]

    def _vector(self, text: str) -> NDArray[np.float64]:
        total = sum(
            (direction(word, self.identity.dimension) for word in words(text)),
            start=direction("", self.identity.dimension),
        )
        return total / np.linalg.norm(total)


@lru_cache(maxsize=10_000)
def direction(word: str, dimension: int) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=dimension)


class TinySpanEmbedder(TinyEmbedder):
    """One that gives vectors of sentences too, as MiniLM does."""

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> SpanVectors:
        rows = tuple(
            self.embed([text[span.start : span.end] for span in inside])
            for text, inside in zip(texts, spans, strict=True)
        )
        return SpanVectors(self.embed(texts), rows)

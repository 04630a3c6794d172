"""Any LlamaIndex ``BaseEmbedding`` object as the embedder of a library.

Its connections are its own, so the policy is asked before it gets a text. Where it sends it is read
from its address; an object without one may be anywhere, unless it is known to work in this process
or `as_embedder` was told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rag.embedding.base import EmbedderIdentity, Vectors
from rag.errors import BackendError
from rag.policy import LOCAL, UNKNOWN, Destination, host_of, is_loopback
from rag.text import words

# Classes of LlamaIndex that compute in this process.
IN_PROCESS = ("MockEmbedding", "HuggingFaceEmbedding", "FastEmbedEmbedding", "OptimumEmbedding")
DIMENSIONS = ("dimensions", "dimension", "embed_dim")
# Word pieces of a word, rather more than less: its own counting may need its server.
PIECES = 1.5


class LlamaEmbedder:
    """Satisfies `rag.embedding.base.Embedder`.

    Args:
        embedding: The object.
        name: What it is called in messages; by default its model.
        location: ``local`` or a country; by default read from the object's address.
        dimension: Length of its vectors; by default what it says, or measured with one word.
    """

    def __init__(
        self,
        embedding: Any,
        *,
        name: str | None = None,
        location: str | None = None,
        dimension: int | None = None,
    ) -> None:
        self._embedding = embedding
        kind = type(embedding).__name__
        host = host_of(embedding)
        if location is None:
            stays = is_loopback(host) if host else kind in IN_PROCESS
            location = LOCAL if stays else UNKNOWN
        model = getattr(embedding, "model_name", None) or "unknown"
        self._model = str(kind if model == "unknown" else model)
        self.destination = Destination(name or self._model, host, location)
        said = (getattr(embedding, field, None) for field in DIMENSIONS)
        self.dimension = dimension or next((n for n in said if isinstance(n, int) and n > 0), None)

    @property
    def identity(self) -> EmbedderIdentity:
        """Name and dimension. What stands behind a name elsewhere nobody can hash."""
        if self.dimension is None:
            self.embed(["dimension"])
        return EmbedderIdentity(self._model, self.dimension or 0, "not known")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`.

        Raises:
            BackendError: The object raised something, or gave something else than vectors.
        """
        return self._vectors(lambda: self._embedding.get_text_embedding_batch(list(texts)))

    def embed_question(self, question: str) -> Vectors:
        """One row, for a question: some models read questions differently."""
        return self._vectors(lambda: [self._embedding.get_query_embedding(question)])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate from the words."""
        return [int(len(words(one)) * PIECES) + 1 for one in texts]

    def _vectors(self, ask: Callable[[], Any]) -> Vectors:
        fault = "what came back are no vectors."
        try:
            rows = np.asarray(ask(), dtype=np.float32)
        # The object is anybody's, and so are its errors; their words may hold its key.
        except Exception as error:
            rows, fault = np.zeros(0, dtype=np.float32), f"it raised {type(error).__name__}."
        lengths = np.linalg.norm(rows, axis=-1, keepdims=True) if rows.ndim == 2 else rows
        if rows.ndim != 2 or not (lengths > 0).all():
            raise BackendError(self.destination.backend, fault)
        self.dimension = self.dimension or rows.shape[1]
        unit: Vectors = (rows / lengths).astype(np.float32)
        return unit


def as_embedder(
    embedding: Any,
    *,
    name: str | None = None,
    location: str | None = None,
    dimension: int | None = None,
) -> LlamaEmbedder:
    """A LlamaIndex embedding as embedder, saying where it stands when its object does not.

    Args:
        embedding: The object.
        name: What messages call it.
        location: ``local`` for what stays on this machine, or a country's two letters.
        dimension: Length of its vectors, where the object does not say.
    """
    return LlamaEmbedder(embedding, name=name, location=location, dimension=dimension)

"""Any LlamaIndex ``BaseEmbedding`` object as the embedder of a library.

It opens its own connections, so the policy is checked before it gets a text. Its location is read
from its address; without one it is unknown, unless the class is known to run in this process or
`as_embedder` was given a location.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rag.embedding.base import Embedder, EmbedderIdentity, Vectors
from rag.errors import BackendError
from rag.policy import LOCAL, UNKNOWN, Destination, host_of, is_loopback
from rag.text import words

# Classes of LlamaIndex that compute in this process.
IN_PROCESS = ("MockEmbedding", "HuggingFaceEmbedding", "FastEmbedEmbedding", "OptimumEmbedding")
DIMENSIONS = ("dimensions", "dimension", "embed_dim")
# Estimated word pieces of a word, rather too many: counting them may need its server.
PIECES = 1.5


class LlamaEmbedder:
    """Satisfies `rag.embedding.base.Embedder`.

    Args:
        embedding: The object.
        name: Its name in messages; by default its model.
        location: ``local`` or a country; by default read from the object's address.
        dimension: Length of its vectors; by default read from the object, or measured with a word.
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
        """Name and dimension; remote weights cannot be hashed."""
        if self.dimension is None:
            self.embed(["dimension"])
        return EmbedderIdentity(self._model, self.dimension or 0, "not known")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`.

        Raises:
            BackendError: The object raised an error or did not return vectors.
        """
        return self._vectors(lambda: self._embedding.get_text_embedding_batch(list(texts)))

    def embed_question(self, question: str) -> Vectors:
        """One row for a question: some models embed questions differently."""
        return self._vectors(lambda: [self._embedding.get_query_embedding(question)])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate from the words."""
        return [int(len(words(one)) * PIECES) + 1 for one in texts]

    def _vectors(self, ask: Callable[[], Any]) -> Vectors:
        fault = "what it returned is not a list of vectors."
        try:
            rows = np.asarray(ask(), dtype=np.float32)
        # Third-party objects may raise anything, and the message may contain the key.
        except Exception as error:
            rows, fault = np.zeros(0, dtype=np.float32), f"it raised {type(error).__name__}."
        lengths = np.linalg.norm(rows, axis=-1, keepdims=True) if rows.ndim == 2 else rows
        if rows.ndim != 2 or not (lengths > 0).all():
            raise BackendError(self.destination.backend, fault)
        self.dimension = self.dimension or rows.shape[1]
        unit: Vectors = (rows / lengths).astype(np.float32)
        return unit


# What users call to give an object a name and a location.
as_embedder = LlamaEmbedder


def adapt(given: Embedder | Any) -> Embedder:
    """The embedder itself, or a LlamaIndex embedding adapted to one."""
    if is_llamaindex_embedding(given):
        return as_embedder(given)
    embedder: Embedder = given
    return embedder


def is_llamaindex_embedding(value: object) -> bool:
    """Whether it is a LlamaIndex embedding that does not satisfy `Embedder` already."""
    theirs = any(
        base.__name__ == "BaseEmbedding" and base.__module__.startswith("llama_index.")
        for base in type(value).__mro__
    )
    return theirs and not hasattr(value, "identity")

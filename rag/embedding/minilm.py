"""all-MiniLM-L6-v2 as LlamaIndex knows embedders."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import cache

from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from rag.embedding.base import EmbedderIdentity, Vectors
from rag.embedding.encoder import Encoder, SpanVectors, load_encoder
from rag.types import Span


class MiniLM(BaseEmbedding):
    """A LlamaIndex embedder that satisfies `Embedder` too. Threads may share one."""

    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder) -> None:
        # LlamaIndex hands over this many texts at a time; the more, the better they sort.
        super().__init__(model_name=encoder.identity.name, embed_batch_size=256)
        self._encoder = encoder

    @classmethod
    def class_name(cls) -> str:
        return "MiniLM"

    @property
    def identity(self) -> EmbedderIdentity:
        return self._encoder.identity

    @property
    def destination(self) -> None:
        """It works in this process."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.embed`."""
        return self._encoder.embed(texts)

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> SpanVectors:
        """See `Encoder.embed_with_spans`."""
        return self._encoder.embed_with_spans(texts, spans)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return self._encoder.count_tokens(texts)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self.embed(texts).tolist()
        return rows

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embeddings([query])[0]

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return (await self._aget_text_embeddings([text]))[0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return (await self._aget_text_embeddings([query]))[0]


def load_minilm(*, allow_download: bool = False) -> MiniLM:
    """This process's only MiniLM; arguments and errors as in `load_encoder`."""
    encoder = load_encoder(allow_download=allow_download)
    with _LOADING:
        return _wrap(encoder)


_LOADING = threading.Lock()


@cache
def _wrap(encoder: Encoder) -> MiniLM:
    return MiniLM(encoder)

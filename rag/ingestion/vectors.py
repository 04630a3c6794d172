"""Embeds the passages of articles, and the sentences in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag import text as texts
from rag.store import Entry, FloatMatrix
from rag.types import Article, Passage, Span

if TYPE_CHECKING:
    from rag.embedding import Embedder

Decision = Literal["add", "update", "unchanged"]

# Passages embedded in one call: bounds the memory that one huge article takes.
EMBED_PASSAGES = 512


@dataclass(slots=True)
class Pending:
    """An article that is cut into passages and waits to be embedded and stored."""

    article: Article
    passages: tuple[Passage, ...]
    decision: Decision
    locations: list[str]


def embedded(pending: Sequence[Pending], embedder: Embedder) -> tuple[Entry, ...]:
    """The pending articles with vectors of their passages and, if it can, of their sentences."""
    passages = [passage for item in pending for passage in item.passages]
    rows, sentences = _vectors(passages, embedder)
    entries, start = [], 0
    for item in pending:
        end = start + len(item.passages)
        entries.append(
            Entry(
                item.article,
                item.passages,
                rows[start:end],
                tuple(item.locations),
                tuple(sentences[start:end]),
            )
        )
        start = end
    return tuple(entries)


def _vectors(
    passages: Sequence[Passage], embedder: Embedder
) -> tuple[FloatMatrix, list[FloatMatrix]]:
    """Vectors of the passages, shape (passages, dimension), and of the sentences of each.

    There are none of sentences if the embedder does not embed spans in their context.
    """
    rows: list[FloatMatrix] = []
    sentences: list[FloatMatrix] = []
    in_context = getattr(embedder, "embed_with_spans", None)
    # Embedders pad each batch to its longest text: texts of similar length waste the least.
    order = sorted(range(len(passages)), key=lambda index: len(passages[index].text))
    for part in _parts(order):
        bodies = [passages[index].text for index in part]
        if in_context is None:
            rows.append(embedder.embed(bodies))
        else:
            spans: list[tuple[Span, ...]] = [texts.sentences(body) for body in bodies]
            found = in_context(bodies, spans)
            rows.append(found.texts)
            sentences.extend(np.asarray(vectors, dtype=np.float16) for vectors in found.spans)
    original = np.argsort(order)
    ordered = [sentences[index] for index in original] if sentences else []
    return np.concatenate(rows)[original], ordered


def _parts(order: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(order), EMBED_PASSAGES):
        yield order[start : start + EMBED_PASSAGES]

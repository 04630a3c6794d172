"""Reranks evidence with a cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from rag.embedding import load_cross_encoder
from rag.types import Evidence

# How many of the best passages are reranked; each takes a run of the model.
READ_AGAIN = 30


class Reranker:
    """Reranks evidence with the cross-encoder in a local folder.

    Args:
        folder: See `CrossEncoder`; with several labels, the last one's score counts.

    Raises:
        FootnoteError: The folder holds no such model.
        MissingExtra: It holds weights that need the extra ``transformers``.
    """

    def __init__(self, folder: Path) -> None:
        self._model = load_cross_encoder(folder)

    def order(self, question: str, evidence: Sequence[Evidence], k: int) -> tuple[Evidence, ...]:
        """The best ``k``, ranked from 1; equal scores keep their order."""
        pairs = [(question, f"{item.source.title}\n{item.passage.text}") for item in evidence]
        scores = self._model.scores(pairs)[:, -1].tolist()
        places = sorted(range(len(evidence)), key=lambda place: -scores[place])[:k]
        return tuple(
            replace(evidence[place], rank=rank, score=scores[place])
            for rank, place in enumerate(places, start=1)
        )


@lru_cache(maxsize=1)
def load_reranker(folder: Path) -> Reranker:
    """The reranker in a folder; the last one stays loaded, as loading takes seconds."""
    return Reranker(folder)

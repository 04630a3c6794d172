"""The vectors of a small library in memory, where comparing with all is quicker than an index.

Over 7,000 passages a question takes half a millisecond here and three in Chroma, whose threads
also wait for each other on a busy machine.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rag.store.records import FloatMatrix, FloatVector, Hit, Row
from rag.types import article_of_passage

# Passages; at 384 numbers each, their vectors take 30 MB.
MOST_IN_MEMORY = 20_000

# Passages of the articles that a question may see: so many are read from a larger library and
# compared. A graph can leave out one of many equal vectors: in 3 of 40 libraries with 120 copies
# of a passage, one copy was not found even among the passages of its own article.
MOST_READ = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class ExactVectors:
    """Unit vectors compared one by one. A change makes a copy, so threads may search at any time.

    Args:
        ids: Of the passages.
        rows: float32, one row for each id.
    """

    ids: tuple[str, ...]
    rows: FloatMatrix

    def with_rows(self, added: Sequence[Row]) -> ExactVectors:
        """These and further passages, which replace those of the same ids."""
        kept = self.without([row.passage.id for row in added])
        return ExactVectors(
            (*kept.ids, *(row.passage.id for row in added)),
            np.concatenate([kept.rows, *(row.vector[np.newaxis] for row in added)]),
        )

    def without(self, ids: Collection[str]) -> ExactVectors:
        """All but some passages; unknown ids are ignored."""
        gone = frozenset(ids)
        kept = [place for place, known in enumerate(self.ids) if known not in gone]
        if len(kept) == len(self.ids):
            return self
        return ExactVectors(tuple(self.ids[place] for place in kept), self.rows[kept])

    def search(
        self, vector: FloatVector, k: int, allowed: frozenset[str] | None
    ) -> tuple[Hit, ...]:
        """See `rag.store.vectors.Vectors.search`."""
        # Not ``@``: the threads of the matrix library wait for each other on a busy machine.
        scores = np.einsum("ij,j->i", self.rows, vector)
        places = np.arange(len(scores))
        if allowed is not None:
            seen = [article_of_passage(passage_id) in allowed for passage_id in self.ids]
            places = np.flatnonzero(seen)
        if len(places) > k:
            places = places[np.argpartition(-scores[places], k)[:k]]
        hits = [Hit(self.ids[place], float(scores[place])) for place in places]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage_id)))

"""The values that pass between a library's parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.types import Article, Fact, Passage, Source

FloatMatrix = npt.NDArray[np.floating[Any]]
FloatVector = npt.NDArray[np.float32]

# The norm of a float32 unit vector is off by less than 1e-6; other vectors by far more.
UNIT_TOLERANCE = 1e-3
# The vector in an index may differ from the catalog's by rounding.
SAME_VECTOR = 1e-4


class Hit(NamedTuple):
    """A passage found in one index. Higher scores are better."""

    passage_id: str
    score: float


class ArticleSummary(NamedTuple):
    """An article of a library without its text: its size in characters and passages, its facts."""

    source: Source
    characters: int
    passages: int
    facts: Mapping[str, Fact] = MappingProxyType({})

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        source = self.source
        return {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "author": source.author,
            "published": source.published.isoformat() if source.published else None,
            "url": source.url,
            "origin": source.origin,
            "characters": self.characters,
            "passages": self.passages,
            "facts": {name: fact._asdict() for name, fact in self.facts.items()},
        }


class Row(NamedTuple):
    """A passage as the derived indexes need it."""

    passage: Passage
    source: Source
    vector: FloatVector


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An article that is ready to be stored.

    Args:
        article: The article.
        passages: Its passages.
        vectors: One row of unit length per passage.
        locations: Where the article was read from, at least one.
        sentence_vectors: Per passage one row per sentence, or None; empty when there are none.
        copies_of: Ids of the articles that it nearly repeats.
    """

    article: Article
    passages: tuple[Passage, ...]
    vectors: FloatMatrix
    locations: tuple[str, ...]
    sentence_vectors: tuple[FloatMatrix | None, ...] = ()
    copies_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.locations:
            raise ValueError("an article must have been read from somewhere")
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.passages):
            raise ValueError(f"{len(self.passages)} passages need as many vectors, as rows")
        if self.sentence_vectors and len(self.sentence_vectors) != len(self.passages):
            raise ValueError("sentence vectors must be given for each passage or for none")
        if any(passage.article_id != self.article.id for passage in self.passages):
            raise ValueError("the passages must be of the article")
        lengths = np.linalg.norm(self.vectors, axis=1)
        if not np.all(np.abs(lengths - 1.0) < UNIT_TOLERANCE):
            raise ValueError("the vectors must have unit length")

    def rows(self) -> tuple[Row, ...]:
        """The passages with their vectors."""
        vectors = np.asarray(self.vectors, dtype=np.float32)
        pairs = zip(self.passages, vectors, strict=True)
        return tuple(Row(passage, self.article.source, vector) for passage, vector in pairs)

"""The interface of embedders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.policy import Destination

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What must be equal for two vectors to be comparable.

    ``digest`` is the sha256 of the weights in hexadecimal, or another name of their version.
    """

    name: str
    dimension: int
    digest: str

    def __str__(self) -> str:
        return f"{self.name} ({self.dimension} dimensions, digest {self.digest[:8]})"


class Embedder(Protocol):
    """Turns texts into vectors. Every method may be called from several threads at once."""

    @property
    def identity(self) -> EmbedderIdentity:
        """Stored with the vectors and compared before others are added."""

    @property
    def destination(self) -> Destination | None:
        """Who gets the texts; None if they stay in this process."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape ``(len(texts), dimension)``, float32, rows of unit length, in order."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Number of tokens of each whole text, without special ones.

        It sends nothing.
        """

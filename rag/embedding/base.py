"""The interface of embedders, and the permission that one needs which sends texts elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import PolicyRefused
from rag.policy import UNKNOWN, Destination, Egress

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


INSTEAD = (
    "The built-in embedder works on this machine. If this one does too, say so: "
    "as_embedder(…, location='local')."
)


def destination_of(embedder: Embedder) -> Destination | None:
    """Who gets the texts; None if they stay in this process.

    An embedder that does not say where its texts go may send them anywhere.
    """
    nobody_knows = Destination(type(embedder).__name__, "", UNKNOWN)
    found: Destination | None = getattr(embedder, "destination", nobody_knows)
    return found


def permitted(
    embedder: Embedder, egress: Egress | Callable[[], Egress], articles: Sequence[str] = ()
) -> Embedder:
    """The embedder; it asks for permission before each call unless it runs in this process.

    Args:
        embedder: Any embedder.
        egress: The rules, and the log, or what reads them, called only if texts are sent elsewhere.
        articles: Ids of the articles that the texts come from; none for a question.
    """
    destination = destination_of(embedder)
    if destination is None:
        return embedder
    rules = egress if isinstance(egress, Egress) else egress()
    return PermittedEmbedder(embedder, destination, rules, tuple(articles))


@dataclass(frozen=True, slots=True)
class PermittedEmbedder:
    """An embedder that asks for permission before each call. Satisfies `Embedder`."""

    embedder: Embedder
    destination: Destination
    egress: Egress
    articles: tuple[str, ...]

    @property
    def identity(self) -> EmbedderIdentity:
        # An embedder that does not know its dimension embeds a word to measure it.
        if getattr(self.embedder, "dimension", 0) is None:
            self._permit(("dimension",))
        return self.embedder.identity

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`.

        Raises:
            PolicyRefused: A rule forbids it; nothing was sent.
        """
        self._permit(texts)
        return self.embedder.embed(texts)

    def embed_question(self, question: str) -> Vectors:
        """One row; raises what `embed` does."""
        self._permit((question,))
        special = getattr(self.embedder, "embed_question", None)
        rows: Vectors = special(question) if special else self.embedder.embed([question])
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Embedder.count_tokens`; it sends nothing."""
        return self.embedder.count_tokens(texts)

    def _permit(self, texts: Sequence[str]) -> None:
        try:
            self.egress.authorize(
                self.destination, characters=sum(map(len, texts)), articles=self.articles
            )
        except PolicyRefused as refusal:
            raise PolicyRefused(refusal.rule, refusal.backend, INSTEAD) from None

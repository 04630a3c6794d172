"""What every backend offers: it drafts an answer from evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from rag.types import BackendInfo, Evidence


class Backend(Protocol):
    """Drafts answers. A draft may hold ``[n]`` marks; it is never shown unchecked."""

    @property
    def info(self) -> BackendInfo:
        """Name, model and location."""

    def draft(self, question: str, evidence: Sequence[Evidence]) -> Iterator[str]:
        """The draft in pieces, in order.

        Raises:
            BackendError: It cannot answer.
        """

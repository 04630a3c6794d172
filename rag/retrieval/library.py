"""A library: the store of one folder, with search and conversations."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.conversations import ConversationStore
from rag.policy import Egress
from rag.retrieval.search import Retriever
from rag.store import Store
from rag.types import Evidence, Filters, SearchMethod

if TYPE_CHECKING:
    from rag.embedding import Embedder


class Library(Store):
    """An open library; `open_library` makes one. Safe to use from several threads."""

    @cached_property
    def conversations(self) -> ConversationStore:
        """The conversations kept in this library."""
        return ConversationStore(self.catalog)

    def retriever(self, egress: Egress | None = None) -> Retriever:
        """A retriever for one question.

        Args:
            egress: Where text may go; by default as the settings and the library allow.
        """
        return Retriever(self, egress)

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        how: SearchMethod = "hybrid",
        filters: Filters | None = None,
    ) -> tuple[Evidence, ...]:
        """The best passages for a question, at most ``k``, ranked from 1.

        Raises:
            SettingsError: ``k`` or ``how`` is out of range.
            LibraryEmpty: There is no article in the library.
            EmbedderChanged: Another embedder filled the library.
        """
        retriever = self.retriever()
        query = retriever.parse(question, filters.ignoring if filters else ())
        return retriever.find(query, k, how, filters).evidence


def open_library(
    path: str | Path, *, embedder: Embedder | Any | None = None, create: bool = False
) -> Library:
    """Opens the library in a folder and locks the folder until the library is closed.

    Use it in a ``with`` statement; threads share one open library. Arguments and errors are those
    of `Store.open`.
    """
    return Library.open(path, embedder=embedder, create=create)

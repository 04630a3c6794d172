"""Reading questions with the names of a library, which are remembered until it changes."""

from __future__ import annotations

import threading
from datetime import date

from rag.library.catalog import Catalog
from rag.library.search import hints_of
from rag.names import Names
from rag.query import Query, understand
from rag.ranking import Hints
from rag.types import Source


class QuestionReader:
    """Understands questions; safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: tuple[int, Names, tuple[Source, ...]] | None = None

    def understood(self, question: str) -> tuple[Query, Hints]:
        """What the question asks for, in words and in articles. *Last spring* counts from today."""
        names, sources = self._shelf()
        query = understand(question, names, date.today())
        return query, hints_of(query, sources)

    def _shelf(self) -> tuple[Names, tuple[Source, ...]]:
        with self._lock:
            changes = self._catalog.changes
            if self._known is None or self._known[0] != changes:
                sources = self._catalog.sources()
                self._known = changes, Names.of(sources), sources
            return self._known[1:]

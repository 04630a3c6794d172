"""A library as one question sees it, with something left out of what is understood."""

from __future__ import annotations

from copy import copy

from rag.library.library import Library
from rag.library.reader import QuestionReader
from rag.library.search import hints_of
from rag.query import Query, ignoring
from rag.ranking import Hints
from rag.types import Filters


class ForgetfulReader(QuestionReader):
    """Reads questions like another reader, but for names and periods that shall not count."""

    def __init__(self, reader: QuestionReader, library: Library, left_out: tuple[str, ...]) -> None:
        self._reader = reader
        self._library = library
        self._left_out = left_out

    def understood(self, question: str) -> tuple[Query, Hints]:
        query = ignoring(self._reader.understood(question)[0], self._left_out)
        return query, hints_of(query, self._library.catalog.sources())


def as_asked(library: Library, filters: Filters | None) -> Library:
    """The same open library, which does not understand what the filters ignore.

    It shares everything with the other one, which alone is to be closed.
    """
    if filters is None or not filters.ignoring:
        return library
    view = copy(library)
    view._reader = ForgetfulReader(library._reader, library, filters.ignoring)
    return view

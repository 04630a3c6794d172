"""A library as one question sees it, with something left out of what is understood."""

from __future__ import annotations

from copy import copy

from rag.library.library import Library
from rag.library.shelf import QuestionReader, Shelf
from rag.question.query import Query, ignoring
from rag.types import Filters


class ForgetfulReader(QuestionReader):
    """Reads questions like another reader, but for names and periods that shall not count."""

    def __init__(self, reader: QuestionReader, left_out: tuple[str, ...]) -> None:
        self._reader = reader
        self._left_out = left_out

    def understood(self, question: str) -> tuple[Query, Shelf]:
        query, shelf = self._reader.understood(question)
        return ignoring(query, self._left_out), shelf


def as_asked(library: Library, filters: Filters | None) -> Library:
    """The same open library, which does not understand what the filters ignore.

    It shares everything with the other one, which alone is to be closed.
    """
    if filters is None or not filters.ignoring:
        return library
    view = copy(library)
    view._reader = ForgetfulReader(library._reader, filters.ignoring)
    return view

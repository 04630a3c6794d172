"""A library as one question sees it, with something left out of what is understood."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from rag.query.date_ranges import Period
from rag.query.parsing import Query, ignoring
from rag.store.library import Library
from rag.store.snapshot import QuestionReader, Shelf
from rag.types import Filters, Source

# So many passages are looked through for each article.
PASSAGES_FOR_EACH = 4


class ReaderBehind(QuestionReader):
    """Knows the articles that another reader knows."""

    def __init__(self, reader: QuestionReader) -> None:
        self._reader = reader

    def shelf(self) -> Shelf:
        return self._reader.shelf()


class ForgetfulReader(ReaderBehind):
    """Reads questions like another reader, but for names and periods that shall not count."""

    def __init__(self, reader: QuestionReader, left_out: tuple[str, ...]) -> None:
        super().__init__(reader)
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


class UnrestrictedReader(ReaderBehind):
    """Reads questions like another reader, but nothing that they say restricts them."""

    def understood(self, question: str) -> tuple[Query, Shelf]:
        query, shelf = self._reader.understood(question)
        return replace(query, filters=Filters()), shelf


def nearest(library: Library, question: str, most: int) -> tuple[Source, ...]:
    """The articles of the nearest passages, whatever the question restricts.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    view = copy(library)
    view._reader = UnrestrictedReader(library._reader)
    found = view.search(question, k=PASSAGES_FOR_EACH * most)
    return tuple(dict.fromkeys(item.source for item in found))[:most]


def days_of(library: Library) -> Period | None:
    """From the first to the last day of the articles; None where none has a date."""
    dated = library._reader.shelf().dated
    return Period(dated[0][0], dated[-1][0], 0, 0) if dated else None

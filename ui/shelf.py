"""The one open library of a server, shared among its threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from rag import (
    Answer,
    Article,
    ArticleSummary,
    Drafted,
    Filters,
    Library,
    Outgoing,
    Receipt,
    Sentence,
    Settings,
    answer,
    ingest,
    load_settings,
    stream,
)

# Characters of a question that the page takes; a model's own limit lies further off.
LONGEST_QUESTION = 2_000


class Shelf:
    """What the page may do with the library: ask, read, list, and take articles in.

    Args:
        library: The open library; whoever opened it closes it.
        settings: The settings of the process, passed on to every answer.
    """

    def __init__(self, library: Library, *, settings: Settings | None = None) -> None:
        self.library = library
        self.settings = settings
        self._ingesting = threading.Lock()

    @property
    def folder(self) -> Path:
        return self.library.path

    def articles(self) -> tuple[ArticleSummary, ...]:
        return self.library.articles()

    def article(self, article_id: str) -> Article:
        """One article. Raises `rag.ArticleUnknown` if there is none with that id."""
        return self.library.article(article_id)

    def ask(
        self,
        question: str,
        *,
        backend: str | Sequence[str] | None = None,
        filters: Filters | None = None,
        text_may_go_to: str | Sequence[str] | None = None,
        unsupported: Literal["show", "drop"] | None = None,
    ) -> Answer:
        settings = self.settings
        if unsupported is not None:
            settings = replace(settings or load_settings(), unsupported=unsupported)
        return answer(
            question,
            library=self.library,
            backend=backend,
            filters=filters,
            text_may_go_to=text_may_go_to,
            settings=settings,
        )

    def outgoing(self) -> tuple[Outgoing, ...]:
        """Every call that left this machine for this library, oldest first."""
        return self.library.ledger.calls()

    def stream(
        self, question: str, history: Sequence[Answer] = ()
    ) -> Iterator[Sentence | Drafted | Answer]:
        """The sentences of an answer as they grow and as they settle, last the answer."""
        return stream(
            question, library=self.library, history=history, settings=self.settings, drafts=True
        )

    def ingest(self, paths: Sequence[str | Path], *, prune: bool = False) -> Receipt:
        """Takes articles in, one ingest at a time."""
        with self._ingesting:
            return ingest(paths, library=self.library, prune=prune)

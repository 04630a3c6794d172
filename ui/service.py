"""The one open library of a server, shared among its threads."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag import (
    Answer,
    Article,
    ArticleSummary,
    Continued,
    Conversations,
    Drafted,
    Filters,
    Library,
    Outgoing,
    Receipt,
    Sentence,
    Settings,
    answer,
    answer_in,
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

    def titles(self, ids: Collection[str]) -> dict[str, str]:
        """Title by article id, of those that are there."""
        found = self.library.catalog.articles(ids)
        return {article_id: article.source.title for article_id, article in found.items()}

    def article(self, article_id: str) -> Article:
        """One article. Raises `rag.ArticleUnknown` if there is none with that id."""
        return self.library.article(article_id)

    def ask(self, question: str, **wishes: Any) -> Answer:
        """One answer; ``wishes`` are what `rag.answer` takes, and ``unsupported``."""
        return answer(question, library=self.library, **self._with_settings(wishes))

    def ask_in(self, conversation: str, question: str, **wishes: Any) -> Continued:
        """One answer within a kept conversation, and kept there; see `rag.answer_in`."""
        given = self._with_settings(wishes)
        return answer_in(conversation, question, library=self.library, **given)

    @property
    def checker(self) -> str:
        """The setting ``checker`` that answers are made with."""
        return (self.settings or load_settings()).checker

    def _with_settings(self, wishes: dict[str, Any]) -> dict[str, Any]:
        settings = self.settings
        unsupported = wishes.pop("unsupported", None)
        if unsupported is not None:
            settings = replace(settings or load_settings(), unsupported=unsupported)
        return {**wishes, "settings": settings}

    @property
    def keeps(self) -> bool:
        """Whether what is asked on the page is kept."""
        return self.settings is None or self.settings.keep_conversations

    @property
    def conversations(self) -> Conversations:
        return self.library.conversations

    def outgoing(self) -> tuple[Outgoing, ...]:
        """Every call that left this machine for this library, oldest first."""
        return self.library.egress_log.calls()

    def stream(
        self, question: str, history: Sequence[Answer] = (), filters: Filters | None = None
    ) -> Iterator[Sentence | Drafted | Answer]:
        """The sentences of an answer as they grow and as they settle, last the answer."""
        return stream(
            question,
            library=self.library,
            history=history,
            filters=filters,
            settings=self.settings,
            drafts=True,
        )

    def ingest(self, paths: Sequence[str | Path], *, prune: bool = False) -> Receipt:
        """Takes articles in, one ingest at a time."""
        with self._ingesting:
            return ingest(paths, library=self.library, prune=prune)

    def remove(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Takes articles out. Raises `rag.ArticleUnknown` if one is not there."""
        return self.library.remove(ids)

"""What the page and the HTTP API do with the one open library of a server."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag import (
    Answer,
    Article,
    ArticleSummary,
    BackendHealth,
    CancellationToken,
    Cancelled,
    Checked,
    ConversationAnswer,
    ConversationStore,
    Drafted,
    Filters,
    FootnoteError,
    Library,
    Outgoing,
    Progress,
    Receipt,
    Reindexed,
    Retrieved,
    Sentence,
    Settings,
    add_page,
    answer,
    answer_in,
    check,
    check_backends,
    ingest,
    load_settings,
    refresh,
    reindex,
    stream,
    try_backend,
)
from ui.examples import ExampleQuestions
from ui.idle import IDLE_SECONDS, Activity, Counted, IdleWork
from ui.next_questions import next_questions
from ui.visitor import NOBODY, Visitor

# What an answer in the making consists of.
Event = Retrieved | Sentence | Drafted | Answer
# Characters.
MAX_QUESTION_LENGTH = 2_000
MAX_TEXT_LENGTH = 100_000


class ServerStopped(FootnoteError):
    """The server stops before it has done what it was asked for."""

    def __init__(self) -> None:
        super().__init__(
            "The server was stopped before this was done. What it has stored is kept; "
            "the same request does the rest."
        )


class Service:
    """Answers from a library and manages it. Safe to use from several threads.

    Args:
        library: The open library; whoever opened it closes it.
        settings: The settings of the process, passed on to every answer.
        visitor: Whom its pages are made for: where it is among the libraries of the server.
    """

    def __init__(
        self, library: Library, *, settings: Settings | None = None, visitor: Visitor = NOBODY
    ) -> None:
        self.library = library
        self.visitor = visitor
        self.settings = settings
        # Lets a page notice that the server it was loaded from is gone.
        self.instance = secrets.token_hex(8)
        self._ingesting = threading.Lock()
        # Of the ingest that runs now, once it has stored something.
        self.progress: Progress | None = None
        self._reindexing = threading.Lock()
        self._activity = Activity()
        self._stopping = CancellationToken()
        self._idle_work: IdleWork | None = None
        self._examples = ExampleQuestions(library.catalog.articles, self._ask_for_example)

    @property
    def folder(self) -> Path:
        return self.library.path

    def articles(self) -> tuple[ArticleSummary, ...]:
        return self.library.articles()

    def titles(self, ids: Collection[str]) -> dict[str, str]:
        """Title by article id; unknown ids are left out."""
        found = self.library.catalog.articles(ids)
        return {article_id: article.source.title for article_id, article in found.items()}

    def article(self, article_id: str) -> Article:
        """One article.

        Raises:
            ArticleUnknown: There is none with that id.
        """
        return self.library.article(article_id)

    def ask(self, question: str, **options: Any) -> Answer:
        """One answer; ``options`` are arguments of `rag.answer`."""
        with self._working(options.pop("cancellation", None)) as token:
            options = self._with_settings(options)
            return answer(question, library=self.library, cancellation=token, **options)

    def check(self, text: str, **options: Any) -> Checked:
        """Any text, sentence by sentence; ``options`` are arguments of `rag.check`."""
        with self._working(options.pop("cancellation", None)) as token:
            options["cancellation"] = token
            return check(text, library=self.library, settings=self.settings, **options)

    def ask_in_conversation(
        self, conversation: str, question: str, **options: Any
    ) -> ConversationAnswer:
        """One answer within a stored conversation, added to it; see `rag.answer_in`."""
        with self._working(options.pop("cancellation", None)) as token:
            options = {**self._with_settings(options), "cancellation": token}
            return answer_in(conversation, question, library=self.library, **options)

    def compact_when_idle(self, after: float = IDLE_SECONDS) -> None:
        """From now on, frees the space of removed passages while nothing is asked or changed.

        Args:
            after: Seconds since the last question, check or change.
        """
        if not self.library.read_only:
            self._idle_work = IdleWork(self._activity, self.library.compact_when_idle, after)

    @contextmanager
    def _working(self, token: CancellationToken | None = None) -> Iterator[CancellationToken]:
        """Counts work, and cancels it once the server stops.

        Raises:
            ServerStopped: The server stopped meanwhile, or has stopped already.
        """
        token = token or CancellationToken()
        forget = self._stopping.on_cancel(token.cancel)
        try:
            with self._activity.running():
                if self._stopping.cancelled:
                    raise Cancelled
                yield token
        except Cancelled:
            if self._stopping.cancelled:
                raise ServerStopped from None
            raise
        finally:
            forget()

    @property
    def busy(self) -> bool:
        """Whether any work runs now."""
        return self._activity.busy

    def stop(self) -> None:
        """Cancels all work, and every later request for some: the server stops."""
        self._stopping.cancel()

    def close(self) -> None:
        """Ends background work; to be called before the library is closed."""
        if self._idle_work is not None:
            self._idle_work.close()
        self._examples.close()

    def example_questions(self) -> tuple[str, ...] | None:
        """Questions to start with, None while they are being found; see `ui.examples`."""
        return self._examples.current(self.articles())

    def next_questions(
        self, history: Sequence[Answer], filters: Filters | None = None
    ) -> tuple[str, ...]:
        """Questions to go on with after the last of some answers; see `ui.next_questions`."""
        asked = [answer.question for answer in history]

        def ask(question: str) -> Answer:
            return self._ask_for_example(question, history=history, filters=filters)

        return next_questions(history[-1], asked, ask)

    def _ask_for_example(self, question: str, **options: Any) -> Answer:
        # Nobody has asked yet, so nothing leaves this machine and no model is loaded.
        quietly = {"backend": "extractive", "checker": "builtin", "text_may_go_to": "local"}
        return self.ask(question, **quietly, **options)

    @property
    def backends(self) -> tuple[str, ...]:
        """The backends that answer unless a visitor chooses one, in their order."""
        return (self.settings or load_settings()).backend

    def backend_states(self) -> tuple[BackendHealth, ...]:
        """Every backend and whether it answers now; no text is sent."""
        settings = self.settings or load_settings()
        egress = self.library.egress(settings.text_may_go_to)
        return check_backends(settings, rules=egress.rules, log=egress.log)

    def try_backend(self, name: str, cancellation: CancellationToken) -> float:
        """Seconds until a language model begins to write; no text of an article is sent.

        Raises:
            FootnoteError: It does not exist, must not be asked, or does not answer.
        """
        settings = self.settings or load_settings()
        egress = self.library.egress(settings.text_may_go_to)
        return try_backend(
            name, settings, rules=egress.rules, log=egress.log, cancellation=cancellation
        )

    def allowed_places(self) -> list[tuple[str, ...]]:
        """Where text may go by each rule, of the settings and of the library."""
        settings = self.settings or load_settings()
        return [rule.allowed for rule in self.library.egress(settings.text_may_go_to).rules]

    @property
    def checker(self) -> str:
        """The setting ``checker`` that answers are made with."""
        return (self.settings or load_settings()).checker

    def _with_settings(self, options: dict[str, Any]) -> dict[str, Any]:
        settings = self.settings
        unsupported = options.pop("unsupported", None)
        if unsupported is not None:
            settings = replace(settings or load_settings(), unsupported=unsupported)
        return {**options, "settings": settings}

    @property
    def keeps_conversations(self) -> bool:
        """Whether questions and answers of the page are stored."""
        wanted = self.settings is None or self.settings.keep_conversations
        return wanted and not self.library.read_only

    @property
    def conversations(self) -> ConversationStore:
        return self.library.conversations

    def outgoing(self) -> tuple[Outgoing, ...]:
        """Every call that left this machine for this library, oldest first."""
        return self.library.egress_log.calls()

    def stream(
        self,
        question: str,
        history: Sequence[Answer] = (),
        filters: Filters | None = None,
        backend: str | None = None,
        cancellation: CancellationToken | None = None,
    ) -> Iterator[Event]:
        """The verified sentences and drafts of an answer as they arrive, and last the answer."""
        token = cancellation or CancellationToken()
        forget = self._stopping.on_cancel(token.cancel)
        events = stream(
            question,
            library=self.library,
            backend=backend,
            history=history,
            filters=filters,
            settings=self.settings,
            cancellation=token,
            drafts=True,
        )
        return Counted(events, self._activity, forget)

    def ingest(
        self,
        paths: Sequence[str | Path],
        cancellation: CancellationToken | None = None,
        **options: Any,
    ) -> Receipt:
        """Adds articles, with the options of `rag.ingest`; only one ingest runs at a time.

        Raises:
            Cancelled: The token was cancelled. What was added is kept.
        """
        with self._ingesting, self._working(cancellation) as token:

            def report(progress: Progress) -> None:
                token.check()
                self.progress = progress

            options["progress"] = report
            try:
                return ingest(paths, library=self.library, settings=self.settings, **options)
            finally:
                self.progress = None

    def refresh(self, cancellation: CancellationToken | None = None) -> Receipt:
        """Asks again for what is followed.

        Raises:
            Cancelled: The token was cancelled. What was added is kept.
        """
        with self._ingesting, self._working(cancellation) as token:
            return refresh(self.library, progress=lambda _: token.check(), settings=self.settings)

    def with_titles(self, receipt: Receipt) -> dict[str, Any]:
        """A receipt as JSON, with the title of each article in it by its id."""
        ids = (*receipt.added, *receipt.updated, *receipt.unchanged)
        return {**receipt.to_dict(), "titles": self.titles(ids)}

    def followed(self, stop: Sequence[str] = ()) -> tuple[str, ...]:
        """The addresses that a refresh asks for, after some are given up.

        Raises:
            AddressUnknown: One of those is not followed.
        """
        self.library.addresses.forget(stop)
        return self.library.addresses.followed()

    def add_page(self, html: str, address: str) -> Receipt:
        """Adds a page as a browser shows it."""
        with self._ingesting, self._working():
            return add_page(html, address, self.library, settings=self.settings)

    def remove(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Removes articles.

        Raises:
            ArticleUnknown: There is none with one of the ids.
        """
        with self._working():
            return self.library.remove(ids)

    def reindex(self, cancellation: CancellationToken, **options: Any) -> Reindexed:
        """Cuts and embeds all articles again, with the options of `rag.reindex`, one at a time.

        Raises:
            Cancelled: The token was cancelled. What is done is kept for the next call.
        """
        with self._reindexing, self._working(cancellation):
            cancellation.check()
            return reindex(
                self.library,
                progress=lambda _: cancellation.check(),
                settings=self.settings,
                **options,
            )

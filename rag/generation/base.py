"""What every backend offers: it drafts an answer from evidence."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from rag.errors import FootnoteError
from rag.policy.permission import permit
from rag.policy.rules import LOCAL, Destination, Rule
from rag.types import BackendInfo, Evidence, Outgoing, Usage

LOG = logging.getLogger("footnote.backends")


def fresh_fence() -> str:
    """A word that no article can know, for the fences around the evidence."""
    return secrets.token_hex(8)


class Discard(str):
    """In a draft: what came before it was the model thinking aloud, and is no part of the draft.

    A closing tag without an opening one shows only afterwards that it was.
    """

    __slots__ = ()


class Cancelled(FootnoteError):
    """The caller cancelled the request."""

    def __init__(self) -> None:
        super().__init__("The request was cancelled.")


class CancellationToken:
    """Tells everything that works on a request that its result is no longer wanted.

    Thread-safe. Once cancelled, a token stays cancelled.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: dict[object, Callable[[], None]] = {}

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        """Cancels, and runs each registered callback once, in the calling thread."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = list(self._callbacks.values()), {}
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Registers a callback; runs it at once if the token is already cancelled.

        Returns:
            A function that removes the callback again.
        """
        key = object()
        with self._lock:
            if not self.cancelled:
                self._callbacks[key] = callback
                return lambda: self._remove(key)
        callback()
        return lambda: None

    def wait(self, seconds: float) -> bool:
        """Sleeps for at most ``seconds``; returns early, and True, once cancelled."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raises `Cancelled` if the token is cancelled."""
        if self.cancelled:
            raise Cancelled

    def _remove(self, key: object) -> None:
        with self._lock:
            self._callbacks.pop(key, None)


@dataclass(slots=True)
class Call:
    """One attempt of one backend: what may be sent where, and what came of it besides text.

    Args:
        rules: All of them must allow a destination; without any, text stays on this machine.
        log: Keeps the record of calls that leave this machine; called before a byte is sent.
        alone: Nobody else will be asked, so that it is worth knocking at a closed door again.
        cancellation: Cancelled when nobody wants the answer any more.
    """

    rules: tuple[Rule, ...] = (Rule("default", (LOCAL,)),)
    log: Callable[[Outgoing], None] | None = None
    alone: bool = True
    cancellation: CancellationToken = field(default_factory=CancellationToken)
    reasoning: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage | None = None
    left: list[str] = field(default_factory=list)

    def without_text(self) -> Call:
        """A call under the same rules, to ask whether somebody is there."""
        return Call(self.rules, self.log, cancellation=self.cancellation)

    def permit(
        self,
        destination: Destination,
        *,
        model: str | None = None,
        characters: int = 0,
        articles: Iterable[str] = (),
    ) -> None:
        """To be called before a connection is opened or used; notes what leaves this machine.

        Raises:
            PolicyRefused: A rule forbids it.
        """
        left = permit(
            self.rules,
            destination,
            self.log,
            model=model,
            characters=characters,
            articles=articles,
        )
        if left and destination.host not in self.left:
            self.left.append(destination.host)

    def note(self, line: str) -> None:
        """Tells the reader, once, and whoever reads the log."""
        if line not in self.notes:
            self.notes.append(line)
            LOG.info(line)


class Backend(Protocol):
    """Drafts answers. A draft may hold ``[n]`` marks; it is never shown unchecked."""

    @property
    def info(self) -> BackendInfo:
        """Name, model and location."""

    @property
    def destination(self) -> Destination | None:
        """Who gets the evidence; None when nothing that could talk to anyone does."""

    def draft(
        self, question: str, evidence: Sequence[Evidence], call: Call | None = None
    ) -> Iterator[str]:
        """The draft in pieces, in order. Closing the iterator ends the work behind it.

        Raises:
            BackendError: It cannot answer, or broke off; what was yielded before still stands.
            PolicyRefused: The rules of the call forbid it.
        """

    def probe(self, call: Call) -> tuple[str, ...]:
        """Asks whether it is there, without any text; returns the models that it offers.

        Raises:
            BackendError: It is not.
            PolicyRefused: The rules of the call forbid even that.
        """


@runtime_checkable
class Completes(Backend, Protocol):
    """A backend that is a model, and writes other short texts than drafts."""

    def complete(
        self, messages: list[dict[str, str]], call: Call, articles: Sequence[str] = ()
    ) -> str:
        """What it writes to these chat messages, without what it thought aloud.

        ``articles`` are those whose text the messages hold, for the log of what left.

        Raises:
            BackendError: It cannot.
            PolicyRefused: The rules of the call forbid it.
        """


def whole(pieces: Iterable[str]) -> str:
    """The text of pieces, without what a `Discard` takes back."""
    text = ""
    for piece in pieces:
        text = "" if isinstance(piece, Discard) else text + piece
    return text

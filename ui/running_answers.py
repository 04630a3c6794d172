"""The questions that are being answered for the open pages, at most one for each."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from rag import Cancelled, Sentence
from ui.chat_controller import ChatTurn, stopped_turn
from ui.service import Event

# Seconds, so that a page does not wait for work that never ends.
SECONDS_TO_END = 2.0


class RunningAnswer(Iterator[Event]):
    """An answer in the making that can be stopped from any thread.

    Args:
        question: What was asked.
        stream: Opens the stream of its events, once the first is wanted.

    Attributes:
        sentences: Those that the page shows so far.
        stopped: Whether it was stopped; then there are no more events, and `Cancelled` is raised.
        replaced: Whether the page has no more use for it.
        ended: Set once the page gets no more updates of it.
    """

    def __init__(self, question: str, stream: Callable[[], Iterator[Event]]) -> None:
        self.question = question
        self.sentences: tuple[Sentence, ...] = ()
        self.stopped = False
        self.replaced = False
        self.ended = threading.Event()
        self._stream = stream
        self._events: Iterator[Event] | None = None

    def __next__(self) -> Event:
        if self._events is None:
            self._events = self._stream()
        event = None if self.stopped else next(self._events, None)
        if event is not None:
            return event
        raise Cancelled if self.stopped else StopIteration

    def close(self) -> None:
        """Ends the work, a request to a model included."""
        # A plain generator cannot be closed while it runs.
        with contextlib.suppress(AttributeError, ValueError):
            self._events.close()  # type: ignore[union-attr]

    def stop(self, *, replaced: bool) -> None:
        """Ends the work, and waits until the page gets no more updates of it."""
        self.replaced = self.replaced or replaced
        self.stopped = True
        self.close()
        self.ended.wait(SECONDS_TO_END)

    @property
    def turn(self) -> ChatTurn:
        """The answer so far, as a turn that was stopped."""
        return stopped_turn(self.question, self.sentences)


class RunningAnswers:
    """One answer in the making for each page, by Gradio's session. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, RunningAnswer] = {}

    def start(self, session: str, running: RunningAnswer) -> ChatTurn | None:
        """Makes an answer the page's only one; returns what it stops, as far as it was made."""
        with self._lock:
            earlier = self._running.get(session)
            self._running[session] = running
        if earlier is None:
            return None
        earlier.stop(replaced=True)
        return earlier.turn

    def busy(self, session: str) -> bool:
        """Whether an answer for the page is being made."""
        with self._lock:
            return session in self._running

    def stop(self, session: str, *, replaced: bool) -> None:
        """Stops the page's answer, if there is one."""
        with self._lock:
            running = self._running.get(session)
        if running:
            running.stop(replaced=replaced)

    def finish(self, session: str, running: RunningAnswer) -> None:
        """Forgets an answer that the page gets no more updates of."""
        running.ended.set()
        with self._lock:
            if self._running.get(session) is running:
                del self._running[session]

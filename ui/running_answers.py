"""The questions that are being answered for the open pages, at most one for each."""

from __future__ import annotations

import threading

from rag import CancellationToken, Sentence
from ui.chat_controller import ChatTurn, stopped_turn

# Seconds, so that a page does not wait for work that never ends.
SECONDS_TO_END = 10.0


class RunningAnswer:
    """An answer in the making that can be stopped from any thread.

    Args:
        question: What was asked.
        number: Its place among all that the page asked and stopped.

    Attributes:
        cancellation: Cancelled once it is stopped; then the page gets no more updates of it.
        sentences: Those that the page shows so far.
        replaced: Whether the page has no more use for it.
        ended: Set once the page gets no more updates of it.
    """

    def __init__(self, question: str, number: int) -> None:
        self.question = question
        self.number = number
        self.cancellation = CancellationToken()
        self.sentences: tuple[Sentence, ...] = ()
        self.replaced = False
        self.ended = threading.Event()

    @property
    def stopped(self) -> bool:
        return self.cancellation.cancelled

    def stop(self, *, replaced: bool) -> None:
        """Ends the work, a request to a model included."""
        self.replaced = self.replaced or replaced
        self.cancellation.cancel()

    @property
    def turn(self) -> ChatTurn:
        """The answer so far, as a turn that was stopped."""
        return stopped_turn(self.question, self.sentences)


class RunningAnswers:
    """One answer in the making for each page, by Gradio's session. Safe to use from threads.

    A page numbers what its visitor does: a question, a stop, a new conversation. Each ends the
    questions with lower numbers, in whatever order the requests arrive.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, RunningAnswer] = {}
        self._latest: dict[str, int] = {}

    def start(self, session: str, running: RunningAnswer) -> ChatTurn | None:
        """Makes an answer the page's only one, or stops it if it comes too late.

        Returns:
            The one before as far as it was made, if that is stopped by this one.
        """
        with self._lock:
            earlier = self._running.get(session)
            if not self._is_latest(session, running.number):
                running.stop(replaced=True)
                return None
            self._running[session] = running
        if earlier is None:
            return None
        self._end(earlier, replaced=True)
        return earlier.turn

    def busy(self, session: str) -> bool:
        """Whether an answer for the page is being made."""
        with self._lock:
            return session in self._running

    def stop(self, session: str, number: int, *, replaced: bool) -> None:
        """Stops the page's question, even one that has not arrived yet."""
        with self._lock:
            running = self._running.get(session) if self._is_latest(session, number) else None
        if running:
            self._end(running, replaced=replaced)

    def leave(self, session: str) -> None:
        """Ends the work for a page that is gone."""
        with self._lock:
            running = self._running.get(session)
            self._latest.pop(session, None)
        if running:
            running.stop(replaced=True)

    def finish(self, session: str, running: RunningAnswer) -> None:
        """Forgets an answer that the page gets no more updates of."""
        running.ended.set()
        with self._lock:
            if self._running.get(session) is running:
                del self._running[session]

    def _is_latest(self, session: str, number: int) -> bool:
        """Whether nothing that the page did later has arrived; remembers the number if so."""
        latest = number > self._latest.get(session, 0)
        if latest:
            self._latest[session] = number
        return latest

    @staticmethod
    def _end(running: RunningAnswer, *, replaced: bool) -> None:
        """Stops an answer, and waits until the page gets no more updates of it."""
        running.stop(replaced=replaced)
        running.ended.wait(SECONDS_TO_END)

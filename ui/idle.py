"""Frees space in a library while its server has nothing else to do."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from rag import FootnoteError

LOG = logging.getLogger("footnote.page")
# Seconds without a question, a check or a change after which space is freed.
IDLE_SECONDS = 300.0
# Longest time between two checks, in seconds.
LONGEST_PAUSE = 30.0
Item = TypeVar("Item")


class Activity:
    """Counts the work that runs. What runs alone waits for no other work and keeps it waiting."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._alone = False
        self._last = time.monotonic()

    def begin(self) -> None:
        """Work begins, as soon as nothing runs alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._running += 1

    def end(self) -> None:
        with self._changed:
            self._running -= 1
            self._last = time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether any work runs now."""
        with self._changed:
            return self._running > 0 or self._alone

    @contextmanager
    def running(self) -> Iterator[None]:
        self.begin()
        try:
            yield
        finally:
            self.end()

    def alone_after(self, seconds: float, do: Callable[[], object]) -> bool:
        """Does something alone if nothing has run for some time; returns whether it did."""
        with self._changed:
            if self._running or self._alone or time.monotonic() - self._last < seconds:
                return False
            self._alone = True
        try:
            do()
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
        return True


class Counted(Generic[Item]):
    """The events of an answer, which runs until they end, fail, are closed or forgotten.

    Args:
        events: Its events.
        activity: What counts it.
        ended: Called when it has ended.
    """

    def __init__(
        self, events: Iterator[Item], activity: Activity, ended: Callable[[], None]
    ) -> None:
        def end() -> None:
            ended()
            activity.end()

        activity.begin()
        self._events = events
        self._ended = weakref.finalize(self, end)

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        try:
            return next(self._events)
        except BaseException:
            self._ended()
            raise

    def close(self) -> None:
        """Ends the work, from any thread."""
        try:
            self._events.close()  # type: ignore[attr-defined]
        finally:
            self._ended()


class IdleWork:
    """A thread that does something whenever nothing has run for some time.

    Args:
        activity: What runs.
        do: Done alone; an error of Footnote's is logged, and it is tried again later.
        after: Seconds of idleness, more than 0.
    """

    def __init__(
        self, activity: Activity, do: Callable[[], object], after: float = IDLE_SECONDS
    ) -> None:
        self._activity, self._do, self._after = activity, do, after
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="idle work", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(min(self._after / 2, LONGEST_PAUSE)):
            try:
                self._activity.alone_after(self._after, self._do)
            except FootnoteError as error:
                LOG.warning("%s", error)

    def close(self) -> None:
        """Ends the thread, after what it is doing now."""
        self._stop.set()
        self._thread.join()

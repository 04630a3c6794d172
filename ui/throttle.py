"""Showing a stream at a steady pace, without ever sitting on its latest news."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Event = TypeVar("Event")


def paced(events: Iterable[Event], every: float) -> Iterator[tuple[Event, ...]]:
    """The events in bunches: the first at once, each later one after ``every`` seconds or more.

    A thread reads them, so that a bunch is given even if nothing follows for a long time. They are
    closed when nobody wants more. What they raise is raised here.
    """
    waiting: queue.SimpleQueue[tuple[Event, ...] | BaseException | None] = queue.SimpleQueue()

    def read() -> None:
        try:
            for event in events:
                waiting.put((event,))
        except BaseException as error:
            waiting.put(error)
        else:
            waiting.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield from _bunches(waiting, every)
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            # A plain generator cannot be closed while it runs.
            with contextlib.suppress(ValueError):
                close()


def _bunches(
    waiting: queue.SimpleQueue[tuple[Event, ...] | BaseException | None], every: float
) -> Iterator[tuple[Event, ...]]:
    given = -every
    while True:
        item = waiting.get()
        bunch: tuple[Event, ...] = ()
        while isinstance(item, tuple):
            bunch += item
            left = given + every - time.monotonic()
            try:
                item = waiting.get(timeout=max(0.0, left))
            except queue.Empty:
                break
        if bunch:
            yield bunch
            given = time.monotonic()
        if isinstance(item, BaseException):
            raise item
        if item is None:
            return

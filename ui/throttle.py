"""Passing on a stream at a steady pace without holding back its latest item."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rag import CancellationToken, Cancelled

Event = TypeVar("Event")


def throttle(
    events: Iterable[Event], interval: float, cancellation: CancellationToken
) -> Iterator[tuple[Event, ...]]:
    """The events in batches: the first at once, later ones at least ``interval`` seconds apart.

    A thread reads the events, so that a batch is passed on even if nothing follows for a long
    time. The events are closed when the consumer stops; what they raise is raised here.

    Raises:
        Cancelled: The token was cancelled, even if the events do not end.
    """
    pending: queue.SimpleQueue[tuple[Event, ...] | BaseException | None] = queue.SimpleQueue()
    forget = cancellation.on_cancel(lambda: pending.put(Cancelled()))

    def read() -> None:
        try:
            for event in events:
                pending.put((event,))
        except BaseException as error:
            pending.put(error)
        else:
            pending.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield from _batches(pending, interval)
        cancellation.check()
    finally:
        forget()
        close = getattr(events, "close", None)
        if close is not None:
            # A plain generator cannot be closed while it runs.
            with contextlib.suppress(ValueError):
                close()


def _batches(
    pending: queue.SimpleQueue[tuple[Event, ...] | BaseException | None], interval: float
) -> Iterator[tuple[Event, ...]]:
    last = -interval
    while True:
        item = pending.get()
        batch: tuple[Event, ...] = ()
        while isinstance(item, tuple):
            batch += item
            remaining = last + interval - time.monotonic()
            try:
                item = pending.get(timeout=max(0.0, remaining))
            except queue.Empty:
                break
        if batch:
            yield batch
            last = time.monotonic()
        if isinstance(item, BaseException):
            raise item
        if item is None:
            return

"""Readers who leave before their answer is there: the work for them ends."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import gradio as gr
from fastapi import Request

from rag import Answer, CancellationToken, Drafted, Sentence

Event = Sentence | Drafted | Answer
# Seconds between two looks at whether a client is still there.
LOOK_EVERY = 0.2


async def watched(request: Request) -> AsyncIterator[CancellationToken]:
    """A token that is cancelled when the client hangs up; a dependency of FastAPI."""
    cancellation = CancellationToken()

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(LOOK_EVERY)
        cancellation.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield cancellation
    finally:
        watching.cancel()


class Readers:
    """Who waits for which answer on the page. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, weakref.WeakSet[Any]] = {}

    def watched(
        self, session: str, stream: Callable[[str], Iterator[Event]]
    ) -> Callable[[str], Iterator[Event]]:
        """The same streams, closed when the visitor of that session leaves."""

        def watch(question: str) -> Iterator[Event]:
            events = stream(question)
            with self._lock:
                self._waiting.setdefault(session, weakref.WeakSet()).add(events)
            return events

        return watch

    def left(self, request: gr.Request) -> None:
        """Called by Gradio when a page is closed or loaded anew."""
        with self._lock:
            waiting = self._waiting.pop(request.session_hash or "", ())
        for events in tuple(waiting):
            # A plain generator cannot be closed while it runs.
            with contextlib.suppress(ValueError):
                events.close()

"""Cancels the work for a client that has left before its answer is there."""

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
# Seconds between two checks whether a client is still connected.
POLL_INTERVAL = 0.2


async def cancel_on_disconnect(request: Request) -> AsyncIterator[CancellationToken]:
    """A FastAPI dependency: a token that is cancelled when the client hangs up."""
    cancellation = CancellationToken()

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(POLL_INTERVAL)
        cancellation.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield cancellation
    finally:
        watching.cancel()


class SessionStreams:
    """The answers being made for each open page. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[str, weakref.WeakSet[Any]] = {}

    def track(
        self, session: str, stream: Callable[[str], Iterator[Event]]
    ) -> Callable[[str], Iterator[Event]]:
        """The same streams, closed when the page of that session is closed."""

        def tracked(question: str) -> Iterator[Event]:
            events = stream(question)
            with self._lock:
                self._streams.setdefault(session, weakref.WeakSet()).add(events)
            return events

        return tracked

    def close(self, request: gr.Request) -> None:
        """Gradio calls this when a page is closed or reloaded."""
        with self._lock:
            streams = self._streams.pop(request.session_hash or "", ())
        for events in tuple(streams):
            # A plain generator cannot be closed while it runs.
            with contextlib.suppress(ValueError):
                events.close()

"""Time limits on sending a request, so that half-sent ones do not hold connections open."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Message, Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds for the headers of a request, and for its body or, if it is a file, for each part.
HEADERS_SECONDS = 20.0
BODY_SECONDS = 30.0


class TimedProtocol(H11Protocol):
    """Closes a connection whose next request does not have all its headers in time."""

    headers_seconds = HEADERS_SECONDS
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start_limit()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before and self._limit is not None:
            self._limit.cancel()
            self._limit = None
        elif self._limit is None and self.cycle is not None and self.cycle.response_complete:
            self._start_limit()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    def _start_limit(self) -> None:
        self._limit = self.loop.call_later(self.headers_seconds, self.transport.close)


async def received(receive: Receive) -> Receive | None:
    """The same ``receive`` once the whole body is there; None if it does not arrive in time."""
    messages: list[Message] = []
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while not messages or messages[-1].get("more_body"):
                messages.append(await receive())
    except TimeoutError:
        return None
    messages.reverse()

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def unless_stalled(receive: Receive) -> Receive:
    """The same ``receive``, for which a client that sends nothing for too long has left."""
    whole = False

    async def next_part() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), BODY_SECONDS)
        except TimeoutError:
            return {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return next_part

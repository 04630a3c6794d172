"""Cancels the work for a client that has left before its answer is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request

from rag import CancellationToken

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

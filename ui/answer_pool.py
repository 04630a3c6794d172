"""Threads for answers alone, so that slow models leave those of other requests free.

The work for a client that has left before its answer is there is cancelled.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean
from typing import TypeVar

from fastapi import Request

from rag import CancellationToken, FootnoteError

Result = TypeVar("Result")
# An answer waits for a model more than it computes.
MAX_CONCURRENT_ANSWERS = 16
# Further questions are turned away: whoever waits longer has left.
MAX_UNFINISHED_ANSWERS = 200


class Busy(FootnoteError):
    """The server accepts no more questions for now; it may again in ``seconds``."""

    def __init__(self, unfinished: int, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            f"The server is busy: {unfinished} questions are waiting for answers. "
            f"Ask again in about {seconds} seconds."
        )


class AnswerPool:
    """Runs answers in its own threads; further ones wait without holding a thread."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT_ANSWERS, thread_name_prefix="answer")
        self._unfinished = 0
        # Seconds that the last answers took in their threads.
        self._took: deque[float] = deque([1.0], MAX_CONCURRENT_ANSWERS)

    async def run(self, make: Callable[[], Result], cancellation: CancellationToken) -> Result:
        """What ``make`` returns; it is cancelled when the server gives the request up.

        Raises:
            Busy: Too many others wait already.
        """
        if self._unfinished >= MAX_UNFINISHED_ANSWERS:
            rounds = self._unfinished / MAX_CONCURRENT_ANSWERS
            raise Busy(self._unfinished, max(1, math.ceil(fmean(self._took) * rounds)))

        def timed() -> Result:
            started = time.monotonic()
            try:
                return make()
            finally:
                self._took.append(time.monotonic() - started)

        self._unfinished += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, timed)
        except asyncio.CancelledError:
            cancellation.cancel()
            raise
        finally:
            self._unfinished -= 1


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

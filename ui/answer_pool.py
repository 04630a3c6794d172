"""Threads for answers alone, so that slow models leave those of other requests free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rag import CancellationToken

Result = TypeVar("Result")
# An answer waits for a model more than it computes.
MAX_CONCURRENT_ANSWERS = 16


class AnswerPool:
    """Runs answers in threads of its own; further ones wait without holding a thread."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT_ANSWERS, thread_name_prefix="answer")

    async def run(self, make: Callable[[], Result], cancellation: CancellationToken) -> Result:
        """What ``make`` returns; it is cancelled when the server gives the request up."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, make)
        except asyncio.CancelledError:
            cancellation.cancel()
            raise

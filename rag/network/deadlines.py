"""How long each phase of a request may take."""

from __future__ import annotations

import time
from collections.abc import Callable

from rag.network.cancellation import CancellationToken

UNLIMITED = float("inf")


class Deadlines:
    """How long each phase of a call may take; all times in seconds.

    Args:
        connect: Until the connection is established.
        first_token: From sending the request to the first token.
        next_token: Between tokens.
        total: The whole call, retries included.
        clock: Returns the current time.
        cancellation: Cancelling it shuts the connections down.
    """

    def __init__(
        self,
        connect: float,
        first_token: float,
        next_token: float,
        total: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        cancellation: CancellationToken | None = None,
    ) -> None:
        self.cancellation = cancellation or CancellationToken()
        self.connect, self.first_token = connect, first_token
        self.next_token, self.total = next_token, total
        self.clock = clock
        self.end = clock() + total
        self.phase = "connect"
        self._until = self.end

    def enter(self, phase: str) -> None:
        """Starts ``connect``, ``first token`` or ``next token``."""
        limits = {
            "connect": self.connect,
            "first token": self.first_token,
            "next token": self.next_token,
        }
        self.phase = phase
        self._until = min(self.end, self.clock() + limits.get(phase, UNLIMITED))

    def remaining(self) -> float:
        """Seconds to the deadline of this phase, at least 0."""
        return max(0.0, self._until - self.clock())

    def total_remaining(self) -> float:
        """Seconds to the deadline of the whole call, at least 0."""
        return max(0.0, self.end - self.clock())

    @property
    def expired_phase(self) -> str:
        """Which limit it was, once one has passed: a phase, or ``total``."""
        waiting = self.phase in ("connect", "first token")
        return "total" if self.clock() >= self.end and not waiting else self.phase

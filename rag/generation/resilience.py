"""Retries of one request, and the circuit breakers that skip a backend that keeps failing.

The circuit breaker's figures are those that API gateways have settled on: three failures within
30 s open it for 10 s, each further failure doubles that up to 120 s, and one caller at a time may
probe whether the backend is back.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rag.errors import FootnoteError, RateLimited, ServerFailed, Unreachable
from rag.generation.providers import Provider

if TYPE_CHECKING:
    # Failover needs the circuit breakers only, and not the HTTP client beneath.
    from rag.network import Deadlines

MAX_ATTEMPTS = 3
# Seconds before the first retry; doubled for each further one.
FIRST_DELAY = 0.25
# Seconds between two requests to a server that is loading its model.
LOADING_DELAY = 1.0

FAILURES_TO_OPEN = 3
# Seconds.
FAILURE_WINDOW = 30.0
FIRST_OPEN_TIME = 10.0
MAX_OPEN_TIME = 120.0

CircuitState = Literal["closed", "open", "half-open"]


class RetryPolicy:
    """Decides whether, and after how long, one call's request is sent again.

    Nothing else repeats requests.

    Args:
        provider: Its patience and time limits apply.
        deadlines: Those of the call.
        is_last: No fallback is left.
        jitter: Numbers from 0 to 1, so that many callers do not come back at the same moment.
    """

    def __init__(
        self,
        provider: Provider,
        deadlines: Deadlines,
        *,
        is_last: bool,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._provider, self._deadlines, self._jitter = provider, deadlines, jitter
        self._is_last = is_last
        self._attempts = 1
        self._waited = 0.0

    def delay(self, fault: FootnoteError) -> float:
        """Seconds to wait before the same request is sent again.

        Raises:
            FootnoteError: The fault itself, if the request is not to be sent again.
        """
        if not isinstance(fault, RateLimited | ServerFailed | Unreachable) or not fault.retryable:
            raise fault
        if isinstance(fault, Unreachable) and not self._is_last:
            # The next backend is quicker than a second try of a refused connection.
            raise fault
        loading = is_loading(fault)
        if self._attempts >= MAX_ATTEMPTS and not loading:
            raise fault
        # What the server's Retry-After asks for.
        delay: float | None = getattr(fault, "wait", None)
        if delay is None:
            delay = LOADING_DELAY if loading else self._backoff()
        _, first_token, *_ = self._provider.times
        patience = first_token if loading else self._provider.patience
        if self._waited + delay > min(patience, self._deadlines.total_remaining()):
            raise fault
        self._attempts += 1
        self._waited += delay
        return delay

    def _backoff(self) -> float:
        """Exponential, with 25% of jitter either way."""
        exponential = FIRST_DELAY * 2.0 ** (self._attempts - 1)
        return exponential * (0.75 + 0.5 * self._jitter())


def is_loading(fault: FootnoteError) -> bool:
    """Whether a server failed because it is still loading its model."""
    return isinstance(fault, ServerFailed) and "loading" in fault.reason.lower()


@dataclass(slots=True)
class _Circuit:
    """``open_time`` is 0 while the circuit is closed; all times are in seconds."""

    failures: list[float] = field(default_factory=list)
    open_time: float = 0.0
    open_until: float = 0.0
    probing_since: float | None = None


class CircuitBreakers:
    """The circuit breakers of all backends of a process, by key. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._circuits: dict[str, _Circuit] = {}

    def state(self, key: str) -> CircuitState:
        """The state; ``half-open`` for one caller only, who must then record the outcome."""
        with self._lock:
            circuit = self._circuits.get(key)
            if circuit is None or not circuit.open_time:
                return "closed"
            now = self._clock()
            since = circuit.probing_since
            # A probe that was never recorded is forgotten after the longest open time.
            being_probed = since is not None and now - since <= MAX_OPEN_TIME
            if now < circuit.open_until or being_probed:
                return "open"
            circuit.probing_since = now
            return "half-open"

    def seconds_left(self, key: str) -> float:
        """Seconds for which the circuit stays open; 0 if it is closed."""
        with self._lock:
            circuit = self._circuits.get(key)
            if circuit is None or not circuit.open_time:
                return 0.0
            return max(0.0, circuit.open_until - self._clock())

    def record_failure(self, key: str) -> None:
        with self._lock:
            circuit = self._circuits.setdefault(key, _Circuit())
            now = self._clock()
            circuit.probing_since = None
            recent = [at for at in circuit.failures if now - at <= FAILURE_WINDOW]
            circuit.failures = [*recent, now]
            if circuit.open_time and now >= circuit.open_until:
                circuit.open_time = min(MAX_OPEN_TIME, circuit.open_time * 2)
            elif not circuit.open_time and len(circuit.failures) >= FAILURES_TO_OPEN:
                circuit.open_time = FIRST_OPEN_TIME
            else:
                return
            circuit.open_until = now + circuit.open_time

    def record_success(self, key: str) -> None:
        with self._lock:
            self._circuits.pop(key, None)

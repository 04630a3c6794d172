"""Letting a backend that keeps failing rest, and asking it carefully before it comes back.

The numbers are those that gateways have settled on: three failures within 30 s open the circuit for
10 s, each further failure doubles the rest up to 120 s, one caller at a time may look whether it is
back. The last backend of a list is never kept from answering; that is the caller's business.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

FAILURES = 3
WITHIN = 30.0
FIRST_REST = 10.0
LONGEST_REST = 120.0

State = Literal["closed", "resting", "probe"]


@dataclass(slots=True)
class _Circuit:
    failures: list[float] = field(default_factory=list)
    rest: float = 0.0
    until: float = 0.0
    probing: float | None = None


class Circuits:
    """The circuits of all backends of a process, by key. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._circuits: dict[str, _Circuit] = {}

    def state(self, key: str) -> State:
        """``probe`` is said to one caller only, who must report success or failure."""
        with self._lock:
            circuit = self._circuits.get(key)
            if circuit is None or not circuit.rest:
                return "closed"
            now = self._clock()
            # A prober that never reported back is forgotten after the longest rest.
            free = circuit.probing is None or now - circuit.probing > LONGEST_REST
            if now < circuit.until or not free:
                return "resting"
            circuit.probing = now
            return "probe"

    def rests(self, key: str) -> float:
        """Seconds for which it still rests."""
        with self._lock:
            circuit = self._circuits.get(key)
            return max(0.0, circuit.until - self._clock()) if circuit and circuit.rest else 0.0

    def failed(self, key: str) -> None:
        with self._lock:
            circuit = self._circuits.setdefault(key, _Circuit())
            now = self._clock()
            circuit.probing = None
            circuit.failures = [at for at in circuit.failures if now - at <= WITHIN] + [now]
            if circuit.rest and now >= circuit.until:
                circuit.rest = min(LONGEST_REST, circuit.rest * 2)
            elif not circuit.rest and len(circuit.failures) >= FAILURES:
                circuit.rest = FIRST_REST
            else:
                return
            circuit.until = now + circuit.rest

    def succeeded(self, key: str) -> None:
        with self._lock:
            self._circuits.pop(key, None)

    def forget(self) -> None:
        """Closes all circuits."""
        with self._lock:
            self._circuits.clear()

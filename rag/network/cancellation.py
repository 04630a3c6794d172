"""Cancellation of what works on a request."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rag.errors import FootnoteError


class Cancelled(FootnoteError):
    """The caller cancelled the request."""

    def __init__(self) -> None:
        super().__init__("The request was cancelled.")


class CancellationToken:
    """Tells everything that works on a request that its result is no longer wanted.

    Thread-safe. Once cancelled, a token stays cancelled.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: dict[object, Callable[[], None]] = {}

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        """Cancels, and runs each registered callback once, in the calling thread."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = list(self._callbacks.values()), {}
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Registers a callback; runs it at once if the token is already cancelled.

        Returns:
            A function that removes the callback again.
        """
        key = object()
        with self._lock:
            if not self.cancelled:
                self._callbacks[key] = callback
                return lambda: self._remove(key)
        callback()
        return lambda: None

    def wait(self, seconds: float) -> bool:
        """Sleeps for at most ``seconds``; returns early, and True, once cancelled."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raises `Cancelled` if the token is cancelled."""
        if self.cancelled:
            raise Cancelled

    def _remove(self, key: object) -> None:
        with self._lock:
            self._callbacks.pop(key, None)

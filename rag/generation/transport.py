"""The one place from which backends open connections.

Every request passes ``Guarded``, which asks the policy first, before anything is looked up or
connected. Below it, every wait on a socket is cut by one set of deadlines, so that neither a server
that drips bytes nor one that only sends signs of life can hold an answer back.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from rag.generation.base import CancellationToken
from rag.policy.rules import is_loopback

# At their lower levels these write whole prompts and headers into whatever log there is.
for talkative in ("openai", "httpx", "httpcore"):
    logging.getLogger(talkative).setLevel(logging.WARNING)

# Bytes of one reply. The longest answer that is taken has a thousandth of it.
MOST_BYTES = 32_000_000
FOREVER = float("inf")
SENT_HEADERS = frozenset(
    ("host", "accept", "content-type", "content-length", "authorization", "api-key", "connection")
)


class Deadlines:
    """How long each part of a call may take; seconds on one clock.

    Args:
        connect: Until the connection stands.
        first: From sending to the first word.
        idle: Between words.
        total: For all of it, however often it is repeated.
        clock: Seconds.
        cancellation: Connections are shut down when it is cancelled.
    """

    def __init__(
        self,
        connect: float,
        first: float,
        idle: float,
        total: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        cancellation: CancellationToken | None = None,
    ) -> None:
        self.cancellation = cancellation or CancellationToken()
        self.connect, self.first, self.idle, self.total = connect, first, idle, total
        self.clock = clock
        self.end = clock() + total
        self.phase = "connect"
        self._until = self.end

    def enter(self, phase: str) -> None:
        """Begins ``connect``, ``first word``, ``next word`` or ``total`` (a whole reply)."""
        limits = {"connect": self.connect, "first word": self.first, "next word": self.idle}
        self.phase = phase
        self._until = min(self.end, self.clock() + limits.get(phase, FOREVER))

    def left(self) -> float:
        """Seconds to the next deadline; not below 0."""
        return max(0.0, self._until - self.clock())

    def left_in_all(self) -> float:
        return max(0.0, self.end - self.clock())

    @property
    def passed(self) -> str:
        """Which limit it was, once one has passed."""
        waiting = self.phase in ("connect", "first word")
        return "total" if self.clock() >= self.end and not waiting else self.phase


class Timed(httpcore.NetworkStream):
    """A connection whose every wait ends at the next deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadlines: Deadlines) -> None:
        self._inner, self._deadlines, self._bytes = inner, deadlines, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadlines.left()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        found = self._inner.read(max_bytes, left)
        self._bytes += len(found)
        if self._bytes > MOST_BYTES:
            raise httpcore.ReadError(f"more than {MOST_BYTES:,} bytes")
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadlines.left()
        if left <= 0:
            raise httpcore.WriteTimeout("deadline")
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        self._deadlines.enter("connect")
        left = self._deadlines.left()
        secure = self._inner.start_tls(ssl_context, server_hostname, left)
        shut_down_on_cancel(secure.get_extra_info("socket"), self._deadlines.cancellation)
        self._deadlines.enter("first word")
        return Timed(secure, self._deadlines)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class TimedNetwork(httpcore.NetworkBackend):
    """Opens connections within the deadlines."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self._deadlines.enter("connect")
        left = self._deadlines.left()
        if left <= 0:
            raise httpcore.ConnectTimeout("deadline")
        address = resolved(host, port, left)
        left = self._deadlines.left()
        self._deadlines.cancellation.check()
        stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
        shut_down_on_cancel(stream.get_extra_info("socket"), self._deadlines.cancellation)
        self._deadlines.enter("first word")
        return Timed(stream, self._deadlines)


def shut_down_on_cancel(connection: socket.socket, cancellation: CancellationToken) -> None:
    """Shuts a connection down on cancellation.

    Unlike closing it, this ends a pending read at once, and the server notices.
    """
    known = weakref.ref(connection)

    def cut() -> None:
        alive = known()
        if alive is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(alive, socket.SHUT_RDWR)

    cancellation.on_cancel(cut)


def resolved(host: str, port: int, seconds: float) -> str:
    """An address of a host, looked up within a time that the system's resolver does not know of.

    ``localhost`` and addresses stay as they are, so that both families are tried.
    """
    if is_loopback(host) or ":" in host or host.replace(".", "").isdigit():
        return host
    found: queue.SimpleQueue[str | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(str(rows[0][4][0]))
        except OSError as error:
            found.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout("name lookup") from None
    try:
        if isinstance(answer, OSError):
            raise answer
    except OSError as error:
        # Raised from within, because the pool above drops causes and keeps contexts.
        raise httpcore.ConnectError(str(error)) from error
    return answer


class Wire(httpx.HTTPTransport):
    """httpx's own transport over our connections: no proxy, no environment, no repeating."""

    def __init__(self, deadlines: Deadlines) -> None:
        super().__init__(verify=certificates(), trust_env=False)
        self._pool.close()
        # httpx takes no network backend of ours; its pool is replaced by the same kind of pool.
        self._pool = httpcore.ConnectionPool(
            ssl_context=certificates(), network_backend=TimedNetwork(deadlines), retries=0
        )


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """The system's trusted certificates; reading them takes longer than a local answer."""
    return ssl.create_default_context()


def wire(deadlines: Deadlines) -> httpx.BaseTransport:
    """What really sends; tests put a recorder in its place."""
    return Wire(deadlines)


class Guarded(httpx.BaseTransport):
    """Asks for permission before every request and sends it only then."""

    def __init__(self, inner: httpx.BaseTransport, permit: Callable[[httpx.URL], None]) -> None:
        self._inner, self._permit = inner, permit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._permit(request.url)
        # Clients like to tell the system, its version, and what else the environment holds.
        told = [(name, value) for name, value in request.headers.raw if sent(name)]
        plain = httpx.Request(
            request.method,
            request.url,
            headers=[*told, (b"User-Agent", b"footnote")],
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._inner.handle_request(plain)

    def close(self) -> None:
        self._inner.close()


def sent(name: bytes) -> bool:
    """Whether a header is one that a server needs."""
    return name.decode("ascii", "replace").lower() in SENT_HEADERS


def guarded_client(deadlines: Deadlines, permit: Callable[[httpx.URL], None]) -> httpx.Client:
    """An HTTP client that follows no redirect, knows no proxy, and asks before it sends."""
    return httpx.Client(
        transport=Guarded(wire(deadlines), permit),
        trust_env=False,
        follow_redirects=False,
        timeout=None,
    )

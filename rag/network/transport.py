"""The only place from which Footnote opens connections to servers.

Every request passes `AuthorizingTransport`, which asks the policy before a host name is looked up
or a connection opened. Below it, every wait on a socket ends at a deadline, so that neither a
server that drips bytes nor one that only sends keep-alives can hold an answer back.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from rag.network.cancellation import CancellationToken
from rag.network.deadlines import Deadlines
from rag.policy import is_loopback

# At lower levels these write whole prompts and headers into the log.
for verbose in ("openai", "httpx", "httpcore"):
    logging.getLogger(verbose).setLevel(logging.WARNING)

# Bytes of one response with its head, a little more than those of the longest page. The longest
# answer of a model that is accepted has less than a thousandth of it.
MAX_RESPONSE_BYTES = 33_000_000
# What `DeadlineStream.get_extra_info` calls the bytes of the last read.
LAST_READ = "last_read"
# The addresses to try for a host and a port, found within this many seconds.
Resolver = Callable[[str, int, float], Sequence[str]]
# Clients also like to send the operating system, its version, and more.
ALLOWED_HEADERS = frozenset(
    ("host", "accept", "content-type", "content-length", "authorization", "api-key", "connection")
)


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every wait ends at the next deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadlines: Deadlines) -> None:
        self._inner, self._deadlines, self._bytes, self._last = inner, deadlines, 0, b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        remaining = self._deadlines.remaining()
        if remaining <= 0:
            raise httpcore.ReadTimeout("deadline")
        data = self._inner.read(max_bytes, remaining)
        self._bytes += len(data)
        # An empty read is the end.
        self._last = data or self._last
        if self._bytes > MAX_RESPONSE_BYTES:
            raise httpcore.ReadError(f"more than {MAX_RESPONSE_BYTES:,} bytes")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        remaining = self._deadlines.remaining()
        if remaining <= 0:
            raise httpcore.WriteTimeout("deadline")
        self._inner.write(buffer, remaining)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        self._deadlines.enter("connect")
        secure = self._inner.start_tls(ssl_context, server_hostname, self._deadlines.remaining())
        return _established(secure, self._deadlines)

    def get_extra_info(self, info: str) -> Any:
        return self._last if info == LAST_READ else self._inner.get_extra_info(info)


class DeadlineNetwork(httpcore.NetworkBackend):
    """Opens connections within the deadlines, to the very addresses that ``resolve`` returns."""

    def __init__(self, deadlines: Deadlines, resolve: Resolver) -> None:
        self._deadlines, self._resolve = deadlines, resolve
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        deadlines = self._deadlines
        deadlines.enter("connect")
        if deadlines.remaining() <= 0:
            raise httpcore.ConnectTimeout("deadline")
        *others, last = self._resolve(host, port, deadlines.remaining())
        for address in others:
            deadlines.cancellation.check()
            with contextlib.suppress(httpcore.ConnectError):
                return self._connect(address, port, local_address, socket_options)
        deadlines.cancellation.check()
        return self._connect(last, port, local_address, socket_options)

    def _connect(
        self,
        address: str,
        port: int,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        remaining = self._deadlines.remaining()
        stream = self._inner.connect_tcp(address, port, remaining, local_address, socket_options)
        return _established(stream, self._deadlines)


def _established(stream: httpcore.NetworkStream, deadlines: Deadlines) -> DeadlineStream:
    """A new connection, which cancellation shuts down; the wait for the first token starts."""
    shut_down_on_cancel(stream.get_extra_info("socket"), deadlines.cancellation)
    deadlines.enter("first token")
    return DeadlineStream(stream, deadlines)


def shut_down_on_cancel(connection: socket.socket, cancellation: CancellationToken) -> None:
    """Shuts a connection down on cancellation.

    Unlike closing it, this ends a pending read at once, and the server notices.
    """
    reference = weakref.ref(connection)

    def shut_down() -> None:
        alive = reference()
        if alive is not None:
            with contextlib.suppress(OSError):
                # Past ssl's own shutdown, which would first wait for the server.
                socket.socket.shutdown(alive, socket.SHUT_RDWR)

    cancellation.on_cancel(shut_down)


def resolve(host: str, port: int, seconds: float) -> Sequence[str]:
    """The addresses of a host; ``localhost`` and addresses are returned as they are."""
    if is_loopback(host) or ":" in host or host.replace(".", "").isdigit():
        return (host,)
    return look_up(host, port, seconds)


def look_up(host: str, port: int, seconds: float) -> Sequence[str]:
    """The addresses of a host, within a time limit, which the system's resolver lacks.

    Raises:
        httpcore.ConnectError: The name has no address.
        httpcore.ConnectTimeout: The time passed.
    """
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(row[4][0]) for row in rows])
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout("name lookup") from None
    if isinstance(answer, OSError):
        failure = httpcore.ConnectError(str(answer))
        # The pool raises it again `from None`, which drops a cause, but keeps the context.
        failure.__context__ = answer
        raise failure
    return answer


@lru_cache(maxsize=1)
def trusted_certificates() -> ssl.SSLContext:
    """The system's trusted certificates; loading them takes longer than a local answer."""
    return ssl.create_default_context()


class PooledTransport(httpx.BaseTransport):
    """HTTP over connections with deadlines: no proxy, no environment variables, no retries.

    ``httpx.HTTPTransport`` does the same over the same pool, but takes no network backend.
    """

    def __init__(self, deadlines: Deadlines, resolve: Resolver = resolve) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted_certificates(), network_backend=DeadlineNetwork(deadlines, resolve)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with httpx_errors():
            response = self._pool.handle_request(sent)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=ResponseBody(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class ResponseBody(httpx.SyncByteStream):
    """The body of a response; closing it gives the connection back."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with httpx_errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextlib.contextmanager
def httpx_errors() -> Iterator[None]:
    """Raises httpcore's errors as httpx's, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise kind(str(error)) from error


class AuthorizingTransport(httpx.BaseTransport):
    """Asks for permission before each request, and sends only the headers that a server needs."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        authorize: Callable[[httpx.URL], None],
        also_sent: Sequence[str] = (),
        user_agent: str = "footnote",
    ) -> None:
        self._inner, self._authorize = inner, authorize
        self._sent, self._user_agent = ALLOWED_HEADERS.union(also_sent), user_agent

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._authorize(request.url)
        needed = [
            (name, value)
            for name, value in request.headers.raw
            if name.decode("ascii", "replace").lower() in self._sent
        ]
        stripped = httpx.Request(
            request.method,
            request.url,
            headers=[*needed, (b"User-Agent", self._user_agent.encode())],
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._inner.handle_request(stripped)

    def close(self) -> None:
        self._inner.close()


def make_transport(deadlines: Deadlines, resolve: Resolver = resolve) -> httpx.BaseTransport:
    """What sends; tests put a recorder in its place."""
    return PooledTransport(deadlines, resolve)


def make_authorizing_transport(
    deadlines: Deadlines,
    authorize: Callable[[httpx.URL], None],
    *,
    resolve: Resolver = resolve,
    also_sent: Sequence[str] = (),
    user_agent: str = "footnote",
) -> httpx.BaseTransport:
    """What sends only what is permitted, uses no proxy, and follows no redirect.

    Args:
        deadlines: Of everything that it sends.
        authorize: Called with the address before each request; what it raises refuses it.
        resolve: Finds the addresses to connect to.
        also_sent: Names of headers that are sent besides the necessary ones, in lower case.
        user_agent: How it introduces itself.
    """
    inner = make_transport(deadlines, resolve)
    return AuthorizingTransport(inner, authorize, also_sent, user_agent)


def make_client(deadlines: Deadlines, authorize: Callable[[httpx.URL], None]) -> httpx.Client:
    """An HTTP client over `make_authorizing_transport`."""
    return httpx.Client(
        transport=make_authorizing_transport(deadlines, authorize),
        trust_env=False,
        follow_redirects=False,
        timeout=None,
    )

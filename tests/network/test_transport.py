"""The transport between httpx and httpcore: errors, limits, and what is sent."""

from __future__ import annotations

import inspect
import time

import httpcore
import httpx
import pytest

from rag.network import CancellationToken, Cancelled, Deadlines
from rag.network.transport import PooledTransport, httpx_errors, make_client
from scripted_server import Asked, Wire, scripted

# Raised by a pool's own bookkeeping, and never out of it.
INTERNAL = (httpcore.ConnectionNotAvailable,)
ERRORS = [
    error
    for _, error in inspect.getmembers(httpcore, inspect.isclass)
    if issubclass(error, Exception) and error not in INTERNAL
]


def limits(**known: float) -> Deadlines:
    times = {"connect": 2.0, "first_token": 2.0, "next_token": 2.0, "total": 5.0} | known
    return Deadlines(**times)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_of_httpcore_becomes_one_of_httpx(error: type[Exception]) -> None:
    with pytest.raises(httpx.TransportError, match="told") as caught, httpx_errors():
        raise error("told")
    assert type(caught.value).__name__ == error.__name__


def test_other_errors_pass() -> None:
    with pytest.raises(Cancelled), httpx_errors():
        raise Cancelled


def test_the_deadline_of_a_phase_is_never_later_than_that_of_the_call() -> None:
    now = 100.0
    deadlines = Deadlines(1, 20, 3, 10, clock=lambda: now)
    deadlines.enter("first token")
    assert deadlines.remaining() == 10
    now = 104.0
    deadlines.enter("next token")
    assert (deadlines.remaining(), deadlines.total_remaining()) == (3, 6)
    now = 108.0
    assert (deadlines.remaining(), deadlines.expired_phase) == (0, "next token")
    now = 111.0
    assert (deadlines.total_remaining(), deadlines.expired_phase) == (0, "total")


def test_a_body_that_is_too_large_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.network.transport.MAX_RESPONSE_BYTES", 100_000)

    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        for _ in range(100):
            wire.send(b"x" * 10_000)

    with (
        scripted(play) as server,
        make_client(limits(), lambda url: None) as client,
        pytest.raises(httpx.ReadError, match="100,000 bytes"),
    ):
        client.post(server.address, json={})


def test_only_necessary_headers_are_sent() -> None:
    with scripted() as server, make_client(limits(), lambda url: None) as client:
        client.post(server.address, json={}, headers={"X-Stainless-OS": "Linux", "Cookie": "a=b"})
        (asked,) = server.asked
    assert asked.headers["user-agent"] == "footnote"
    assert not {"x-stainless-os", "cookie", "accept-encoding"} & set(asked.headers)


def test_what_is_not_permitted_is_not_sent() -> None:
    def refuse(url: httpx.URL) -> None:
        raise PermissionError(url.host)

    with scripted() as server, make_client(limits(), refuse) as client:
        with pytest.raises(PermissionError, match=r"127\.0\.0\.1"):
            client.post(server.address, json={})
        assert server.asked == []


def test_a_redirect_is_not_followed() -> None:
    def away(wire: Wire, asked: Asked) -> None:
        wire.status(307, "", "text/html", Location="http://127.0.0.1:9/")

    with scripted(away) as server, make_client(limits(), lambda url: None) as client:
        assert client.post(server.address, json={}).status_code == 307


def test_a_cancelled_call_opens_no_connection() -> None:
    token = CancellationToken()
    token.cancel()
    deadlines = Deadlines(1, 1, 1, 1, cancellation=token)
    with scripted() as server, httpx.Client(transport=PooledTransport(deadlines)) as client:
        with pytest.raises(Cancelled):
            client.post(server.address, json={})
        assert server.asked == []


def test_a_silent_server_is_left_at_the_deadline() -> None:
    def silent(wire: Wire, asked: Asked) -> None:
        wire.gone(5)

    started = time.monotonic()
    with (
        scripted(silent) as server,
        make_client(limits(first_token=0.2), lambda url: None) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.post(server.address, json={})
    assert time.monotonic() - started < 2

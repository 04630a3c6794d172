"""Stands where connections are opened, so that nothing is sent and all that would be is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from rag.network import transport
from scripted_server import whole

HOSTS = ("127.0.0.1", "api.one.example", "api.two.example", "three.example")
COUNTRIES = ("local", "US", "CN", "FR", "unknown")


class Recorder(httpx.BaseTransport):
    """Stands where connections are opened, and keeps what would have been sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.url.host, request.read().decode()))
        return httpx.Response(200, json=whole("The bridge opened in 1932 [1]."))


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "make_transport", lambda *_: recorder)
        yield recorder

"""A real server over a real library, in a thread, on a free loopback port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rag import Library
from rag.settings import Settings
from ui.middleware import LOOPBACK_NAMES
from ui.server import Server, address_of, listening_socket, make_server
from ui.service import Service

SECONDS_TO_START = 30


@contextmanager
def serving(
    library: Library,
    *,
    hosts: frozenset[str] | None = LOOPBACK_NAMES,
    service: Service | None = None,
) -> Iterator[str]:
    """Yields the server's address, without the last slash, once it listens."""
    service = service or Service(library, settings=Settings(library=library.path))
    bound = listening_socket("127.0.0.1", 0)
    listening = threading.Event()
    servers: list[Server] = []

    def run() -> None:
        # Made here: a thread that drives a browser has a running event loop, this one has none.
        servers.append(make_server(service, bound, hosts=hosts, ready=listening.set))
        servers[0].run(sockets=[bound])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert listening.wait(SECONDS_TO_START), "the server does not start"
        # A page that is left while it still asks for examples would complain of that.
        until = time.monotonic() + SECONDS_TO_START
        while service.example_questions() is None and time.monotonic() < until:
            time.sleep(0.02)
        yield address_of(bound).rstrip("/")
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(SECONDS_TO_START)
        service.close()
        bound.close()

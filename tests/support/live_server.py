"""A real server over a real library, in a thread, on a free loopback port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag import BackendSettings, Library
from rag.settings import Settings
from scripted_server import Play, scripted
from small_library import small_library, write_articles
from ui.access import Access
from ui.server import Server, address_of, listening_socket, make_server
from ui.service import Service

SECONDS_TO_START = 30


@contextmanager
def serving(
    library: Library,
    *,
    access: Access | None = None,
    service: Service | None = None,
    others: Sequence[Service] = (),
    port: int = 0,
) -> Iterator[str]:
    """Yields the server's address, without the last slash, once it listens; 0 is any free port."""
    service = service or Service(library, settings=Settings(library=library.path))
    services = [service, *others]
    bound = listening_socket("127.0.0.1", port)
    listening = threading.Event()
    servers: list[Server] = []

    def run() -> None:
        # Made here: a thread that drives a browser has a running event loop, this one has none.
        servers.append(make_server(services, bound, access=access or Access(), ready=listening.set))
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
        for ended in services:
            ended.close()
        bound.close()


@contextmanager
def modelled(folder: Path, *plays: Play) -> Iterator[str]:
    """Address of a page over two small articles whose answers a scripted model writes."""
    articles = write_articles(folder / "articles")
    with scripted(*plays) as server, small_library(articles, folder / "library") as library:
        # A silent model stays silent, however slow the machine is.
        patient = dict.fromkeys(("first_token_timeout", "token_timeout", "total_timeout"), 600.0)
        own = BackendSettings(
            name="m", base_url=server.address, model="tiny", location="local", **patient
        )
        settings = Settings(library=library.path, backend=("m",), backends=(own,))
        with serving(library, service=Service(library, settings=settings)) as address:
            yield address

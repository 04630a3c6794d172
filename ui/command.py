"""The command ``footnote serve``. Everything heavy is imported when it runs."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag import Library, Settings
    from ui.access import Access
    from ui.service import Service

# Longest time that one thread computes while others wait for their turn.
SWITCH_SECONDS = 0.001
# After Ctrl-C, work that does not notice is given up.
SECONDS_TO_STOP = 1.5
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
NETWORK_NOTICE = """It is open to the network: everyone who reaches this port may read and ask.
Only its owner may ingest, remove and see conversations. The owner's address is secret:
{address}?token={token}"""

LibraryOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--library",
        help="Folder of the library, or a folder of libraries; may be repeated.",
        metavar="DIR",
        show_default=False,
    ),
]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on.")]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        help="Port to listen on; by default the first free one from 7860.",
        min=1,
        max=65_535,
        show_default=False,
    ),
]
FillOption = Annotated[
    str | None,
    typer.Option(
        "--fill",
        help="Ingest this folder first if the library is empty.",
        metavar="FOLDER",
        show_default=False,
    ),
]
BackendOption = Annotated[
    str | None,
    typer.Option(
        "--backend",
        help="What drafts the answers; several, separated by commas, are tried in order.",
        metavar="NAME",
        show_default=False,
    ),
]
GgufOption = Annotated[
    str | None,
    typer.Option(
        "--gguf",
        help="A model file that drafts the answers; Footnote runs it in its own server.",
        metavar="FILE",
        show_default=False,
    ),
]
CheckerOption = Annotated[
    str | None,
    typer.Option(
        "--checker",
        help="A second check: the folder of an entailment model, judge, or judge:NAME.",
        metavar="FOLDER|judge|judge:NAME",
        show_default=False,
    ),
]
ReaderOption = Annotated[
    str | None,
    typer.Option(
        "--reader",
        help="Whether the trained reader judges sentences that a model wrote.",
        metavar="on|none",
        show_default=False,
    ),
]
SettingsOption = Annotated[
    str | None,
    typer.Option("--settings", help="TOML file with settings.", metavar="FILE", show_default=False),
]
OpenOption = Annotated[
    bool,
    typer.Option(
        "--open-to-network",
        help="Needed to listen on anything but this machine, and behind a proxy: everyone who "
        "reaches the port may read and ask; the owner's rights need the token that is printed.",
    ),
]
NameOption = Annotated[
    list[str] | None,
    typer.Option(
        "--name",
        help="With --open-to-network: a host name that visitors use; may be repeated.",
        metavar="HOST",
        show_default=False,
    ),
]
IngestFromOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--ingest-from",
        help="A folder that the HTTP interface may ingest from; may be repeated.",
        metavar="FOLDER",
        show_default=False,
    ),
]


def serve(
    library: LibraryOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = None,
    fill: FillOption = None,
    backend: BackendOption = None,
    gguf: GgufOption = None,
    checker: CheckerOption = None,
    reader: ReaderOption = None,
    settings: SettingsOption = None,
    open_to_network: OpenOption = False,
    name: NameOption = None,
    ingest_from: IngestFromOption = None,
) -> None:
    """Open the chat page, the reading page and the HTTP interface on this machine."""
    from rag import load_settings, open_library, serve_gguf
    from ui.access import Access, network_hosts

    _check_host(host, open_to_network)
    with serve_gguf(gguf) if gguf else nullcontext(backend) as drafter:
        flags = {"backend": drafter, "checker": checker, "reader": reader}
        folders = [found for given in library or () for found in _libraries_in(given)]
        chosen = load_settings(settings, library=folders[0] if folders else None, **flags)
        _check_models(chosen)
        with ExitStack() as stack:
            libraries = [
                stack.enter_context(open_library(folder, create=True))
                for folder in folders or [chosen.library]
            ]
            if fill is not None:
                _fill(libraries[0], Path(fill))
            names = network_hosts([host, *(name or ())])
            hosts = names if open_to_network else frozenset({*LOOPBACK_HOSTS, host})
            readable = [*(ingest_from or ()), *([Path(fill)] if fill is not None else [])]
            access = Access(hosts, open_to_network, tuple(f.absolute() for f in readable))
            _serve(libraries, chosen, host, port, access)


def _libraries_in(folder: Path) -> list[Path]:
    """The folder itself, or the libraries in it if it is not a library but holds some."""
    from rag import is_library

    if is_library(folder) or not folder.is_dir():
        return [folder]
    return sorted(filter(is_library, folder.iterdir())) or [folder]


def _check_models(settings: Settings) -> None:
    """A broken model is an error at the start, not at the first question."""
    from rag import load_checker, load_reranker

    load_checker(settings)
    if settings.reranker is not None:
        load_reranker(settings.reranker)


def _check_host(host: str, open_to_network: bool) -> None:
    if host not in LOOPBACK_HOSTS and not open_to_network:
        from rag import SettingsError

        raise SettingsError(
            "--host",
            host,
            "127.0.0.1; with --open-to-network any address of this machine, and then everyone "
            "who reaches it may read every article without a password",
        )


def _fill(library: Library, folder: Path) -> None:
    """Ingests the folder if the library is empty, with a progress bar on a terminal."""
    from rag import ingest, progress_bar

    if library.articles():
        return
    with progress_bar("Reading articles") as progress:
        receipt = ingest([folder], library=library, progress=progress)
    typer.echo(f"Added {len(receipt.added)} articles in {receipt.seconds:.1f} s.")
    for failure in receipt.failed:
        typer.echo(f"Failed: {failure.origin}: {failure.reason}", err=True)


def _services(libraries: Sequence[Library], settings: Settings) -> list[Service]:
    """What answers from each library; the first is at the root of the server."""
    from ui.service import Service
    from ui.visitor import Visitor, places_for

    places = places_for([library.path for library in libraries])
    return [
        Service(
            library,
            settings=replace(settings, library=library.path),
            visitor=Visitor(place, places if len(places) > 1 else ()),
        )
        for library, place in zip(libraries, places, strict=True)
    ]


def _end_soon(services: Sequence[Service]) -> None:
    """Ends the process if work still runs after `SECONDS_TO_STOP`.

    That is like a kill, which costs a library no more than the batch at hand. Threads cannot be
    ended, and the process would wait for them.
    """

    def end() -> None:
        if any(service.busy for service in services):
            os._exit(0)

    timer = threading.Timer(SECONDS_TO_STOP, end)
    timer.daemon = True
    timer.start()


def _serve(
    libraries: Sequence[Library], settings: Settings, host: str, port: int | None, access: Access
) -> None:
    from ui.server import address_of, listening_socket, make_server, warm_up

    services = _services(libraries, settings)
    bound = listening_socket(host, port)
    address = address_of(bound)

    def ready() -> None:
        for service in services:
            service.library.set_address(service.visitor.place.address(address), access.token)
        typer.echo(f"Footnote is open at {address}  (Ctrl-C stops it)")
        if access.open_to_network:
            typer.echo(NETWORK_NOTICE.format(address=address, token=access.token), err=True)
        for service in services[1:]:
            place = service.visitor.place
            typer.echo(f"{place.name}: {place.address(address)}")
        warm_up(services)
        for service in services:
            service.compact_when_idle()

    # By default, Python lets each answer that computes keep the server waiting for 5 ms.
    sys.setswitchinterval(SWITCH_SECONDS)
    stopping = partial(_end_soon, services)
    server = make_server(services, bound, access=access, ready=ready, stopping=stopping)
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        pass  # the server has already shut down properly
    finally:
        # A library must not be closed while something works on it.
        while any(service.busy for service in services):
            time.sleep(0.02)
        for service in services:
            service.library.set_address(None)
            service.close()
        bound.close()

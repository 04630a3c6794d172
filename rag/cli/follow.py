"""The commands about web addresses: ``footnote follow`` and ``refresh``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.articles import ingest_or_delegate, show_receipt
from rag.cli.server_client import in_library, run_or_delegate
from rag.cli.terminal import JsonOption, LibraryOption, SettingsOption, print_json
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.retrieval import Library


def follow(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ADDRESS", help="Feeds, sitemaps, OPML lists or files; without one, list all."
        ),
    ] = None,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop following them; their articles stay.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add the articles of a feed; every refresh then looks for new ones."""
    chosen = load_settings(settings, library=library)
    if addresses and not stop:
        receipt = ingest_or_delegate(addresses, chosen, {"follow": True}, quiet=as_json)
        show_receipt(receipt, chosen.library, as_json=as_json)
        return
    values = _followed(chosen, addresses or [])
    if as_json:
        print_json(values)
    else:
        for address in values["followed"]:
            typer.echo(address)


def _followed(settings: Settings, stop: list[str]) -> dict[str, Any]:
    """The addresses that a refresh asks for, once those in ``stop`` are no longer followed."""

    def here(opened: Library) -> dict[str, Any]:
        opened.addresses.forget(stop)
        return {"followed": list(opened.addresses.followed())}

    return in_library(
        settings.library, here, lambda server: server.post("/api/followed", {"stop": stop})
    )


def refresh(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Fetch all that is followed and all added pages again, and take in what has changed."""
    chosen = load_settings(settings, library=library)

    def here() -> dict[str, Any]:
        from rag.ingestion import progress_bar
        from rag.ingestion import refresh as refresh_addresses

        with progress_bar("Asking again", shown=not as_json) as progress:
            found = refresh_addresses(chosen.library, progress=progress, settings=chosen)
        return found.to_dict()

    receipt = run_or_delegate(here, lambda server: server.post("/api/refresh", {}))
    show_receipt(receipt, chosen.library, as_json=as_json)

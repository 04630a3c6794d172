"""What the commands share: doing it here or through the server, and printing JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import typer

from rag.errors import LibraryBusy


def or_by_server(
    here: Callable[[], dict[str, Any]], there: Callable[[Any, str], dict[str, Any]]
) -> dict[str, Any]:
    """Does it in this process, or asks the server that owns the library.

    ``there`` gets `rag.cli.server_client` and the server's address.
    """
    try:
        return here()
    except LibraryBusy as busy:
        if busy.address is None:
            raise
        from rag.cli import server_client

        return there(server_client, busy.address)


def print_json(values: dict[str, Any]) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))

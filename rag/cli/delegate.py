"""What the commands share: running here or through the server, and printing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from rag.errors import LibraryBusy

if TYPE_CHECKING:
    from rag.cli.server_client import ServerClient


def run_or_delegate(
    here: Callable[[], dict[str, Any]], there: Callable[[ServerClient], dict[str, Any]]
) -> dict[str, Any]:
    """Runs a command in this process, or through the server that owns the library.

    Args:
        here: Opens the library and returns JSON values.
        there: Asks the server for the same values.

    Raises:
        LibraryBusy: Another process that is no server owns the library.
    """
    try:
        return here()
    except LibraryBusy as busy:
        if busy.address is None:
            raise
        from rag.cli.server_client import ServerClient

        return there(ServerClient(busy.address))


def print_json(values: dict[str, Any]) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))


def pluralize(number: int, noun: str) -> str:
    """``1 article``, ``2 articles``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

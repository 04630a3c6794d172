"""Runs a command here or through the server that owns the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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
        LibraryBusy: Another process that is not a server owns the library.
    """
    try:
        return here()
    except LibraryBusy as busy:
        if busy.address is None:
            raise
        from rag.cli.server_client import ServerClient

        return there(ServerClient(busy.address, busy.token))

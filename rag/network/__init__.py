"""Connections to servers: deadlines, cancellation, and the transport beneath every HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.network.cancellation import CancellationToken, Cancelled
from rag.network.deadlines import Deadlines

if TYPE_CHECKING:
    from rag.network.transport import LAST_READ, look_up, make_authorizing_transport, make_client

__all__ = [
    "LAST_READ",
    "CancellationToken",
    "Cancelled",
    "Deadlines",
    "look_up",
    "make_authorizing_transport",
    "make_client",
]


def __getattr__(name: str) -> Any:
    # The HTTP client takes a tenth of a second to import: only those who connect pay for it.
    if name in __all__:
        from rag.network import transport

        return getattr(transport, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

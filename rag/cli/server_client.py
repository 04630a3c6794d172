"""Asking the Footnote server that owns a library, over loopback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from rag.errors import FootnoteError

# An ingest of many articles takes minutes; a server that is gone is noticed at once all the same.
CONNECT_SECONDS = 2.0


def post(address: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the server at ``address`` answers, as plain JSON values.

    Args:
        address: The server's, as its lock names it; only loopback addresses are spoken to.
        path: Of the HTTP interface, such as ``/api/ask``.
        body: Sent as JSON.

    Raises:
        FootnoteError: The server is gone, not on this machine, or says what is wrong.
    """
    return _exchange("POST", address, path, body)


def get(address: str, path: str) -> dict[str, Any]:
    """Like `post`, for reading."""
    return _exchange("GET", address, path, None)


def patch(address: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Like `post`, for changing."""
    return _exchange("PATCH", address, path, body)


def delete(address: str, path: str) -> dict[str, Any]:
    """Like `post`, for taking out."""
    return _exchange("DELETE", address, path, None)


def _exchange(
    method: str, address: str, path: str, body: Mapping[str, Any] | None
) -> dict[str, Any]:
    if urlsplit(address).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise FootnoteError(f"The server at {address} is not on this machine; it is not asked.")
    import httpx

    timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
    try:
        with httpx.Client(timeout=timeout, trust_env=False) as client:
            response = client.request(method, address.rstrip("/") + path, json=body)
            values = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise FootnoteError(
            f"The server at {address} owns the library but does not answer. "
            "Stop it, then try again."
        ) from error
    if response.is_success and isinstance(values, dict):
        return values
    message = values.get("error", {}).get("message") if isinstance(values, dict) else None
    raise FootnoteError(str(message or f"The server at {address} could not do it."))


def absolute(paths: Sequence[str]) -> list[str]:
    """Paths as the server must see them, which runs in another working folder."""
    from pathlib import Path

    return [path if "://" in path else str(Path(path).absolute()) for path in paths]

"""Runs a command here, or asks the Footnote server that owns the library, over loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.errors import FootnoteError, LibraryBusy

if TYPE_CHECKING:
    from rag.retrieval import Library

# In seconds. An answer may take minutes, but a server that is gone is noticed at once.
CONNECT_TIMEOUT = 2.0
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ServerClient:
    """Asks one server; every method returns the JSON object of its reply.

    Every method raises `FootnoteError` if the server is gone, is not on this machine, or reports
    an error.

    Attributes:
        address: As the lock of the library names it.
        token: Proves that the request comes from the owner of the library; as the lock names it.
    """

    address: str
    token: str | None = field(default=None, repr=False)

    def get(self, path: str) -> dict[str, Any]:
        """Reads a path of the HTTP interface, such as ``/api/articles``."""
        return self._request("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Sends ``body`` as JSON."""
        return self._request("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Changes what is at ``path``."""
        return self._request("PATCH", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        """Deletes what is at ``path``."""
        return self._request("DELETE", path, None)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        if urlsplit(self.address).hostname not in LOOPBACK_HOSTS:
            raise FootnoteError(
                f"The server at {self.address} owns the library, but is not on this machine. "
                "Use its page."
            )
        import httpx

        timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            with httpx.Client(timeout=timeout, trust_env=False, headers=headers) as client:
                response = client.request(method, self.address.rstrip("/") + path, json=body)
                values = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise FootnoteError(
                f"The server at {self.address} owns the library but does not answer. "
                "Stop it, then try again."
            ) from error
        if response.is_success and isinstance(values, dict):
            return values
        refusal = values.get("error", {}) if isinstance(values, dict) else {}
        if refusal.get("kind") == "NotFound":
            raise FootnoteError(
                f"The server at {self.address} runs another version of Footnote, which cannot do "
                "this. Stop it and start it again, then try again."
            )
        message = refusal.get("message") or f"The server at {self.address} refused the request."
        raise FootnoteError(str(message))


def absolute_paths(paths: Sequence[str]) -> list[str]:
    """Paths for the server, which runs in another working folder; addresses stay."""
    return [path if "://" in path else str(Path(path).absolute()) for path in paths]


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
        return there(ServerClient(busy.address, busy.token))


def in_library(
    folder: Path,
    here: Callable[[Library], dict[str, Any]],
    there: Callable[[ServerClient], dict[str, Any]],
) -> dict[str, Any]:
    """The same for what needs only the open library in a folder."""

    def opened_here() -> dict[str, Any]:
        from rag.retrieval import open_library

        with open_library(folder) as library:
            return here(library)

    return run_or_delegate(opened_here, there)

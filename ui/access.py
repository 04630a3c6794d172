"""Who may do what on a server: everybody reads and asks, the owner also changes things.

On a server for this machine alone, its owner is whoever asks from this machine. On a server that
is open to the network, or that is behind a proxy, the owner is known by a token, because a
proxy or a name that was re-bound to this machine makes every request look as if it came from here.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from ui.visitor import Visitor
from ui.words import choose_language

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# Headers by which a proxy on this machine tells that it forwards a request from elsewhere. Some
# send none, but use HTTP/1.0, which neither browsers nor commands do.
OF_A_PROXY = re.compile(
    r"via|forwarded|cdn-loop|x-(?:forwarded|original|real|cluster|envoy|arr|amzn|cloud-trace)-.*"
    r"|(?:.*-)?(?:client|connecting)-?ip|(?:cf|fastly|fly|ngrok|tailscale)-.*"
)
# A name, or an address of version 6 in brackets, and perhaps a port.
HOST = re.compile(r"(?:\[([^\[\]]+)\]|([^\s:@/?#\\\[\]]+))(?::\d{1,5})?")
COOKIE = "footnote_owner"
# Set by theme.js.
LANGUAGE = "footnote_language"
# Where `SecurityMiddleware` stores its findings in a request's scope.
OWNER, ANY_PATH = "footnote.owner", "footnote.any_path"


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one server.

    Attributes:
        hosts: Host names that a request may name.
        open_to_network: Whether others reach it; then a request may also name any IP address,
            which nobody can re-bind, and being on this machine gives no rights.
        folders: Folders that the owner named at startup; files are ingested from these alone.
        token: Proves the owner. The library's folder keeps it for commands on this machine.
    """

    hosts: frozenset[str] = LOOPBACK_NAMES
    open_to_network: bool = False
    folders: tuple[Path, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def answers_to(self, host: str) -> bool:
        """Whether a request with that Host header is meant for this server."""
        name = parse_host_name(host)
        return name in self.hosts or (self.open_to_network and _is_address(name))

    def holds_token(self, scope: Scope) -> bool:
        """Whether a request carries the token, in a header or in the page's cookie."""
        headers = Headers(scope=scope)
        shown = [headers.get("authorization", "").removeprefix("Bearer ")]
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        if cookie:
            shown.append(cookie.value)
        return any(self.is_token(value) for value in shown)

    def is_token(self, value: str) -> bool:
        return secrets.compare_digest(value.encode("utf-8", "replace"), self.token.encode())

    def is_owner(self, scope: Scope) -> bool:
        """Whether a request comes from the owner."""
        return self.holds_token(scope) or (not self.open_to_network and _is_from_here(scope))

    def noted(self, scope: Scope) -> Scope:
        """The scope with the rights of its request, for `is_owner` and `may_name_any_path`."""
        any_path = self.holds_token(scope) and _is_from_here(scope)
        return {**scope, OWNER: self.is_owner(scope), ANY_PATH: any_path}

    def outside(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of the paths that lie in no folder named at the start; no web address does."""
        allowed = [folder.resolve() for folder in self.folders]
        return tuple(
            path
            for path in paths
            if "://" in path
            or not any(Path(path).resolve().is_relative_to(folder) for folder in allowed)
        )


def visitor_of(request: HTTPConnection, visitor: Visitor) -> Visitor:
    """The visitor with the language that the request asks for."""
    accepted = request.headers.get("accept-language", "")
    return visitor._replace(language=choose_language(request.cookies.get(LANGUAGE), accepted))


def network_hosts(names: Sequence[str] = ()) -> frozenset[str]:
    """The names of a server that is open to the network: this machine's, and those given."""
    own = socket.gethostname().lower()
    return LOOPBACK_NAMES | {own, f"{own}.local"} | {name.lower() for name in names}


def is_owner(request: HTTPConnection) -> bool:
    """Whether a request comes from the owner, as `SecurityMiddleware` found."""
    return bool(request.scope.get(OWNER))


def may_name_any_path(request: HTTPConnection) -> bool:
    """Whether a request is a command of the owner's, who may read the token in the library."""
    return bool(request.scope.get(ANY_PATH))


def parse_host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty if it is malformed."""
    match = HOST.fullmatch(host)
    return (match[1] or match[2]).lower() if match else ""


def _is_from_here(scope: Scope) -> bool:
    """Whether a request comes from a loopback address and was not forwarded by a proxy."""
    client = scope.get("client")
    if client is None or scope.get("http_version") == "1.0":
        return False
    if any(map(OF_A_PROXY.fullmatch, Headers(scope=scope))):
        return False
    return _is_address(client[0]) and ipaddress.ip_address(client[0]).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

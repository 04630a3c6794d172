"""Web addresses: which may be fetched, and which of those that lead to a page identifies it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from fnmatch import translate
from functools import cache

import httpx

from rag.data import read_words
from rag.network import look_up

# What programs read differently: white space, controls, and backslashes, which browsers take for
# slashes.
AMBIGUOUS = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")
# Below 1024 other services listen, which a request could be made to talk to.
WEB_PORTS = (80, 443)
FREE_PORTS = range(1_024, 65_536)
# IPv6 addresses of the public internet; 64:ff9b::/96 leads to the IPv4 address in its last bits.
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Reserved for protocols; one cloud's metadata are there. Python 3.11 takes most of it for public.
PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
CLIP = "Open it in a browser and clip it."


class Refused(Exception):
    """An address is not fetched, or gave nothing; the message says why, as sentences.

    Attributes:
        status: What the server said, if it was asked.
    """

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        self.status = status
        super().__init__(reason)


def parse_address(text: str) -> httpx.URL:
    """An address that every program reads alike, without its fragment.

    Raises:
        Refused: It is not an http or https address, or its host is ambiguous.
    """
    scheme, _, rest = text.partition(":")
    if scheme.lower() not in ("http", "https"):
        raise Refused("Only addresses that begin with http:// or https:// are fetched.")
    if AMBIGUOUS.search(text):
        raise Refused("The address contains white space, a backslash or a control character.")
    authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    if not rest.startswith("//") or not authority:
        raise Refused("The address names no host.")
    if "@" in authority:
        raise Refused("The address has an @ before its path, which hides its host or a password.")
    try:
        url = httpx.URL(text).copy_with(fragment=None)
        port = url.port
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused(f"The address is malformed: {error}.") from error
    if not url.host:
        raise Refused("The address names no host.")
    if "%" in url.host:
        raise Refused("The host's name contains an encoded character.")
    if port is not None and port not in (*WEB_PORTS, *FREE_PORTS):
        raise Refused(f"Port {port} does not belong to web pages.")
    return url


def follow_redirect(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads.

    Raises:
        Refused: Its target may not be fetched.
    """
    if AMBIGUOUS.search(location):
        raise Refused("It redirects to a malformed address.")
    try:
        return parse_address(str(url.join(location)))
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused(f"It redirects to a malformed address: {error}.") from error
    except Refused as refused:
        raise Refused(f"It redirects to {location[:200]}. {refused}") from refused


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and not to this machine or network."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found not in PUBLIC_IPV6 or found.sixtofour or found.teredo:
            return False
    special = found.is_multicast or found.is_reserved or found in PROTOCOLS
    return found.is_global and not special


def is_inside_allowed(url: httpx.URL, inside_hosts: Collection[str]) -> bool:
    """Whether the settings allow the host of an address, wherever it points."""
    return url.host in inside_hosts or url.netloc.decode() in inside_hosts


def resolve_public(host: str, port: int, seconds: float) -> Sequence[str]:
    """The addresses of a host; whoever connects to them and to no others stays outside.

    Raises:
        Refused: One of them is not public.
    """
    found = look_up(host, port, seconds)
    inside = next((address for address in found if not is_public(address)), None)
    if inside is not None:
        raise Refused(
            f"{host} is inside: it leads to {inside}, on this machine or in its network. If it may "
            f'be fetched, add it to the setting inside_hosts, as in inside_hosts = ["{host}"].'
        )
    return found


def identity(url: httpx.URL, canonical: str | None) -> str:
    """The address that identifies a page: the canonical one that it names, else its own.

    A page may name an address on its own site only; otherwise it could replace another's article.
    Parts that say where a reader came from are left out.
    """
    try:
        named = parse_address(str(url.join(canonical or "")))
        if _site(named).endswith(_site(url)) or _site(url).endswith(_site(named)):
            url = named
    except (Refused, httpx.InvalidURL, ValueError):
        pass
    for name in [name for name in url.params if _tracking().fullmatch(name)]:
        url = url.copy_remove_param(name)
    return str(url)


def _site(url: httpx.URL) -> str:
    return "." + url.host.removeprefix("www.")


@cache
def _tracking() -> re.Pattern[str]:
    names = read_words("tracking_parameters.txt")
    return re.compile("|".join(map(translate, sorted(names))), re.IGNORECASE)

"""Fetches addresses as a polite stranger: slowly, as robots.txt asks, and never from inside."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx
from protego import Protego

from rag.fetching.allowed_addresses import (
    CLIP,
    Refused,
    follow_redirect,
    is_inside_allowed,
    parse_address,
    resolve_public,
)
from rag.network import Deadlines, look_up, make_client
from rag.policy import LOCAL, UNKNOWN, Destination, authorize, is_loopback
from rag.settings import Settings
from rag.types import Outgoing

NAME = "Footnote"
MOST_REDIRECTS = 5
# Of a reply, unpacked.
MOST_BYTES = 32_000_000
# What robots.txt may have at least, by its standard (RFC 9309); the rest is not read.
ROBOTS_BYTES = 512_000
# In seconds: to connect, to the first byte, between two, and for a whole reply.
CONNECT, FIRST_BYTE, NEXT_BYTE, WHOLE = 10.0, 30.0, 20.0, 120.0
# Seconds that a server may ask to be left alone for; beyond, its address is given up for now.
MOST_PATIENCE = 60.0
# Others could unpack to any size at once.
ENCODINGS = ("", "identity", "gzip", "deflate")
CONDITIONAL = ("accept-encoding", "if-none-match", "if-modified-since")
GONE = (404, 410)
CLOSED = (401, 402, 403, 407, 451)
BUSY = (429, 503)


class Validators(NamedTuple):
    """What a server said to recognise the version of a page by."""

    etag: str | None = None
    modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The request headers that ask for the page only if it has changed."""
        given = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in given.items() if value}


NOTHING = Validators()


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gave.

    Attributes:
        url: Where redirects led.
        data: The body, unpacked; None if it has not changed.
        media_type: As the server says, such as ``text/html``; may be empty.
        charset: As the server says.
        validators: For the next time.
    """

    url: httpx.URL
    data: bytes | None
    media_type: str = ""
    charset: str | None = None
    validators: Validators = NOTHING


@dataclass(slots=True)
class Fetcher:
    """Fetches addresses, one at a time.

    Args:
        settings: Hold the contact, the pause between requests to a host, and hosts inside.
        log: Records each request that leaves this machine, before it is sent.
        sleep: Waits so many seconds.
    """

    settings: Settings
    log: Callable[[Outgoing], None] | None = None
    sleep: Callable[[float], None] = time.sleep
    _robots: dict[str, Protego] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def fetch(self, address: str, known: Validators = NOTHING) -> Page:
        """The page at an address.

        Args:
            address: Redirects from there are followed, each checked like an address of its own.
            known: Of the version that is there already.

        Raises:
            Refused: It may not be fetched, or gave nothing.
        """
        return self._follow(parse_address(address), known, self._require_permission)

    def _follow(
        self, url: httpx.URL, known: Validators, require: Callable[[httpx.URL], None]
    ) -> Page:
        for _ in range(MOST_REDIRECTS + 1):
            require(url)
            response, data = self._get(url, known)
            if response.has_redirect_location:
                url = follow_redirect(url, response.headers["location"])
                continue
            if response.status_code == 304:
                return Page(url, None, validators=known)
            require_success(response)
            return Page(
                url,
                data,
                response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                response.charset_encoding,
                Validators(response.headers.get("etag"), response.headers.get("last-modified")),
            )
        raise Refused(f"It redirects more than {MOST_REDIRECTS} times.")

    def _get(self, url: httpx.URL, known: Validators) -> tuple[httpx.Response, bytes]:
        """One reply and its body; a server that asks to wait a little is asked once more."""
        response, data = self._send(url, known)
        wait = response.headers.get("retry-after", "")
        if response.status_code in BUSY and wait.isdigit() and int(wait) <= MOST_PATIENCE:
            self._next[url.host] = time.monotonic() + int(wait)
            response, data = self._send(url, known)
        return response, data

    def _send(self, url: httpx.URL, known: Validators) -> tuple[httpx.Response, bytes]:
        self._wait_for_turn(url)
        deadlines = Deadlines(CONNECT, FIRST_BYTE, NEXT_BYTE, WHOLE)
        contact = self.settings.contact
        client = make_client(
            deadlines,
            self._record,
            resolve=look_up if self._may_be_inside(url) else resolve_public,
            also_sent=CONDITIONAL,
            user_agent=f"{NAME} ({contact})" if contact else NAME,
        )
        headers = {"accept": "*/*", "accept-encoding": "gzip, deflate", **known.headers()}
        try:
            with client, client.stream("GET", url, headers=headers) as response:
                return response, read_body(response, deadlines)
        except httpx.TimeoutException as error:
            raise Refused(f"{url.host} {TOO_SLOW[deadlines.expired_phase]}.") from error
        except httpx.HTTPError as error:
            raise Refused(f"The connection to {url.host} failed: {error}.") from error

    def _wait_for_turn(self, url: httpx.URL) -> None:
        wait = self._next.get(url.host, 0.0) - time.monotonic()
        if wait > 0:
            self.sleep(wait)
        robots = self._robots.get(origin_of(url))
        asked = float(robots.crawl_delay(NAME) or 0) if robots else 0.0
        pause = max(self.settings.fetch_pause, min(asked, MOST_PATIENCE))
        self._next[url.host] = time.monotonic() + pause

    def _record(self, url: httpx.URL) -> None:
        """Logs a request; the command was the permission, and no article's text goes with it."""
        location = LOCAL if is_loopback(url.host) else UNKNOWN
        authorize((), Destination("fetch", url.host, location), self.log)

    def _may_be_inside(self, url: httpx.URL) -> bool:
        return is_inside_allowed(url, self.settings.inside_hosts)

    def _require_permission(self, url: httpx.URL) -> None:
        origin = origin_of(url)
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(httpx.URL(f"{origin}/robots.txt"))
        if not self._robots[origin].can_fetch(str(url), NAME):
            raise Refused(f"The robots.txt of {url.host} asks not to fetch it. {CLIP}")

    def _read_robots(self, url: httpx.URL) -> Protego:
        """The rules of a host; without a robots.txt there are none."""
        try:
            data = self._follow(url, Validators(), lambda _: None).data or b""
        except Refused as refused:
            if refused.status and refused.status < 500 and refused.status not in BUSY:
                return Protego.parse("")
            raise Refused(f"Its robots.txt could not be read. {refused}") from refused
        return Protego.parse(data[:ROBOTS_BYTES].decode("utf-8", "replace"))


TOO_SLOW = {
    "connect": f"could not be reached within {CONNECT:.0f} s",
    "first token": f"did not answer within {FIRST_BYTE:.0f} s",
    "next token": f"stopped sending for {NEXT_BYTE:.0f} s",
    "total": f"had not sent everything after {WHOLE:.0f} s",
}


def origin_of(url: httpx.URL) -> str:
    """Scheme, host and port: what one robots.txt speaks for."""
    return f"{url.scheme}://{url.netloc.decode()}"


def read_body(response: httpx.Response, deadlines: Deadlines) -> bytes:
    """The body of a reply, unpacked piece by piece, so that a bomb is stopped at the limit.

    Raises:
        Refused: It is too large, or packed in a way that nobody asked for.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise Refused(f"It is packed as {encoding[:40]!r}, which was not asked for.")
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        deadlines.enter("next token")
        size += len(piece)
        if size > MOST_BYTES:
            raise Refused(f"It has more than {MOST_BYTES // 1_000_000} MB.")
        pieces.append(piece)
    return b"".join(pieces)


def require_success(response: httpx.Response) -> None:
    """Raises `Refused` unless the server gave the page."""
    status = response.status_code
    if status == 200:
        return
    said = f"The server says {status} {response.reason_phrase}".strip()
    if status in GONE:
        said += ": there is no such page"
    elif status in CLOSED:
        said += f": it is not open to everyone. {CLIP.removesuffix('.')}"
    elif status in BUSY:
        said += ": it asks to be left alone. Try again later"
    raise Refused(f"{said}.", status=status)

"""Fetches addresses as a polite stranger: slowly, as robots.txt asks, and never from inside."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx
from protego import Protego

from rag.fetching.addresses import (
    CLIP,
    Refused,
    follow_redirect,
    is_inside_allowed,
    parse_address,
    resolve_public,
)
from rag.fetching.unpacking import UNPACKERS, NotUnpacked, packing_of, unpack
from rag.network import LAST_READ, Deadlines, look_up, make_authorizing_transport
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
# Failed connections in a row, after which a site is left alone for the rest of a run: a feed of
# thousands of pages that time out would otherwise take days.
MOST_FAILURES = 3
CONDITIONAL = ("accept-encoding", "if-none-match", "if-modified-since")
GONE = (404, 410)
CLOSED = (401, 402, 403, 407, 451)
BUSY = (429, 503)
# 203: what a proxy has changed.
GIVEN = (200, 203)
# Of header fields: a character for every byte.
EXACT = "iso-8859-1"


class Validators(NamedTuple):
    """What a server said to recognise the version of a page by."""

    etag: str | None = None
    modified: str | None = None

    @classmethod
    def of(cls, response: httpx.Response) -> Validators:
        """Those of a reply, character by byte: a server need not write them in ASCII."""
        sent = httpx.Headers(response.headers.raw, encoding=EXACT)
        return cls(sent.get("etag"), sent.get("last-modified"))

    def headers(self) -> dict[bytes, bytes]:
        """The request headers that ask for the page only if it has changed."""
        given = {b"if-none-match": self.etag, b"if-modified-since": self.modified}
        return {name: value.encode(EXACT, "replace") for name, value in given.items() if value}


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
    _robots: dict[str, Protego | Refused] = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)
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
            if response.status_code == 304 and known != NOTHING:
                return Page(url, None, validators=known)
            require_success(response)
            return Page(
                url,
                data,
                response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                response.charset_encoding,
                Validators.of(response),
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
        origin = origin_of(url)
        if self._failures[origin] >= MOST_FAILURES:
            raise Refused(f"{url.host} failed {MOST_FAILURES} times in a row. Try again later.")
        self._wait_for_turn(url)
        deadlines = Deadlines(CONNECT, FIRST_BYTE, NEXT_BYTE, WHOLE)
        try:
            answer = self._ask(url, known, deadlines)
        except httpx.HTTPError as error:
            self._failures[origin] += 1
            said = f"The connection to {url.host} failed: {str(error).rstrip('.')}."
            if isinstance(error, httpx.TimeoutException):
                said = f"{url.host} {TOO_SLOW[deadlines.expired_phase]}."
            raise Refused(said) from error
        del self._failures[origin]
        return answer

    def _ask(
        self, url: httpx.URL, known: Validators, deadlines: Deadlines
    ) -> tuple[httpx.Response, bytes]:
        contact = self.settings.contact
        transport = make_authorizing_transport(
            deadlines,
            self._record,
            resolve=look_up if self._may_be_inside(url) else resolve_public,
            also_sent=CONDITIONAL,
            user_agent=f"{NAME} ({contact})" if contact else NAME,
        )
        headers = {
            b"accept": b"*/*",
            b"accept-encoding": b"gzip, deflate",
            b"connection": b"close",
            **known.headers(),
        }
        request = httpx.Request("GET", url, headers=headers)
        # Not through a client, which reads a redirect's target before it can be refused.
        with transport, closing(transport.handle_request(request)) as response:
            return response, read_body(response, deadlines)

    def _wait_for_turn(self, url: httpx.URL) -> None:
        wait = self._next.get(url.host, 0.0) - time.monotonic()
        if wait > 0:
            self.sleep(wait)
        robots = self._robots.get(origin_of(url))
        asked = float(robots.crawl_delay(NAME) or 0) if isinstance(robots, Protego) else 0.0
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
        rules = self._robots[origin]
        if isinstance(rules, Refused):
            raise rules
        if not rules.can_fetch(str(url), NAME):
            raise Refused(f"The robots.txt of {url.host} asks not to fetch it. {CLIP}")

    def _read_robots(self, url: httpx.URL) -> Protego | Refused:
        """The rules of a host, none without a robots.txt; or why they are not known in this run."""
        try:
            data = self._follow(url, NOTHING, lambda _: None).data or b""
        except Refused as refused:
            if refused.status and refused.status < 500 and refused.status not in BUSY:
                return Protego.parse("")
            return Refused(f"Its robots.txt could not be read. {refused}")
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
    """The body of a reply, unpacked.

    Raises:
        Refused: It is too large, damaged, cut off, or packed in a way that is not known.
    """
    packing = packing_of(response.headers.get("content-encoding"))
    if packing and packing not in UNPACKERS:
        raise Refused(f"It is packed as {packing[:40]!r}, which was not asked for.")
    data = join(_in_time(response.iter_raw(), deadlines))
    require_whole(response, data)
    try:
        return unpack(data, packing, join) if packing and data else data
    except NotUnpacked as error:
        raise Refused(f"It is damaged or cut off: it is not packed as {packing}.") from error


def _in_time(pieces: Iterator[bytes], deadlines: Deadlines) -> Iterator[bytes]:
    for piece in pieces:
        deadlines.enter("next token")
        yield piece


def require_whole(response: httpx.Response, data: bytes) -> None:
    """Raises `Refused` if more bytes came than the server had said, which are not in ``data``."""
    connection = response.extensions.get("network_stream")
    if connection is None or "content-length" not in response.headers:
        return
    if "transfer-encoding" in response.headers:
        return
    # What came last is the end of the body, unless there is more.
    last, body = connection.get_extra_info(LAST_READ).rstrip(), data.rstrip()
    if not (body.endswith(last) or last.endswith(body)):
        raise Refused("It is longer than its server says (Content-Length): its end is missing.")


def join(pieces: Iterable[bytes]) -> bytes:
    """All pieces together, of which no more is made once the limit is reached.

    Raises:
        Refused: They are too large.
    """
    joined = bytearray()
    for piece in pieces:
        joined += piece
        if len(joined) > MOST_BYTES:
            raise Refused(f"It has more than {MOST_BYTES // 1_000_000} MB.")
    return bytes(joined)


def require_success(response: httpx.Response) -> None:
    """Raises `Refused` unless the server gave the page."""
    status = response.status_code
    if status in GIVEN:
        return
    said = f"The server says {status} {response.reason_phrase}".strip()
    if status in GONE:
        said += ": there is no such page"
    elif status in CLOSED:
        said += f": it is not open to everyone. {CLIP.removesuffix('.')}"
    elif status in BUSY:
        said += ": it asks to be left alone. Try again later"
    raise Refused(f"{said}.", status=status)

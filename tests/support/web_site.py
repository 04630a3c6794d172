"""A web site on loopback that gives what a test puts on it, and misbehaves where it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml"
# Writes a whole reply by itself.
Play = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Reply:
    """What a path gives; ``play`` in place of all the rest."""

    body: bytes | str = b""
    kind: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    play: Play | None = None

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    @property
    def etag(self) -> str:
        return f'"{sha256(self.data).hexdigest()[:12]}"'


class Asked(NamedTuple):
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass
class Site:
    """A running site. ``asked`` holds the requests in their order."""

    address: str
    pages: dict[str, Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def put(self, path: str, body: bytes | str, kind: str = HTML, **headers: str) -> str:
        """Puts a page on the site and returns its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Reply(body, kind, headers=named)
        return self.address + path

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        self.pages[path] = Reply(status=status, headers={"location": target})
        return self.address + path

    def play(self, path: str, play: Play) -> str:
        self.pages[path] = Reply(play=play)
        return self.address + path

    def paths(self, status: int | None = None) -> list[str]:
        """The paths that were asked for, with that status."""
        return [asked.path for asked in self.asked if status in (None, asked.status)]


def page(title: str, *paragraphs: str, head: str = "") -> str:
    """An article as sites publish it, between a menu and a footer."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body>"
        "<nav><ul><li><a href=/>Home</a><li><a href=/all>All articles</a></ul></nav>"
        f"<main><article><h1>{title}</h1>{body}</article></main>"
        "<footer><a href=/terms>Terms</a> <a href=/privacy>Privacy</a></footer></body></html>"
    )


def feed(*addresses: str) -> str:
    """A feed that names these pages."""
    items = "".join(f"<item><title>x</title><link>{each}</link></item>" for each in addresses)
    return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


@contextmanager
def web_site() -> Iterator[Site]:
    """An empty site on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = site.pages.get(self.path, Reply("Nothing here.", status=404))
            known = reply.status == 200 and self.headers.get("if-none-match") == reply.etag
            status = 304 if known else reply.status
            site.asked.append(Asked(self.path, dict(self.headers), status))
            if reply.play is not None:
                self.close_connection = True
                reply.play(self)
                return
            self.send_response(status)
            for name, value in {"etag": reply.etag, **reply.headers}.items():
                self.send_header(name, value)
            if not known:
                self.send_header("content-type", reply.kind)
                self.send_header("content-length", str(len(reply.data)))
            self.end_headers()
            if not known:
                self.wfile.write(reply.data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    site = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

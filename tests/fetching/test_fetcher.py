"""Fetching: what is sent, what is kept, how politely, and how what goes wrong is told."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rag.fetching import Fetcher, Refused, fetcher
from rag.settings import Settings
from rag.types import Outgoing
from web_site import Play, Reply, Site, web_site

MEGABYTE = 1_000_000


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        yield made


def inside(**settings: object) -> Fetcher:
    """A fetcher that may fetch from loopback, without pauses."""
    known: dict[str, object] = {"inside_hosts": ("127.0.0.1",), "fetch_pause": 0.0, **settings}
    return Fetcher(Settings(library=Path("unused"), **known))  # type: ignore[arg-type]


def test_only_what_is_needed_is_sent(site: Site) -> None:
    inside(contact="mail@example.org").fetch(site.put("/a", "<p>text</p>"))
    headers = {name.lower(): value for name, value in site.asked[-1].headers.items()}
    assert headers.pop("host") in site.address
    assert headers == {
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "connection": "close",
        "user-agent": "Footnote (mail@example.org)",
    }


def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    address = site.put("/a", "first")
    first = inside().fetch(address)
    assert first.data == b"first"
    assert inside().fetch(address, first.validators).data is None
    site.put("/a", "second")
    assert inside().fetch(address, first.validators).data == b"second"
    assert site.paths(304) == ["/a"]


def test_the_server_s_word_on_type_and_characters_is_kept(site: Site) -> None:
    site.put("/a", "é".encode("latin-1"), "Text/HTML; charset=ISO-8859-1")
    page = inside().fetch(site.redirect("/b", "/a#part", 308))
    assert (page.media_type, page.charset) == ("text/html", "iso-8859-1")
    assert str(page.url) == site.address + "/a"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (gzip.compress(b"text"), "gzip"),
        (gzip.compress(b"text"), "X-GZIP"),
        (gzip.compress(b"te") + gzip.compress(b"xt"), "gzip"),
        (zlib.compress(b"text"), "deflate"),
        (zlib.compress(b"text", wbits=-15), "deflate"),
        (b"text", "identity"),
    ],
    ids=["gzip", "old name", "in parts", "deflate", "bare deflate", "plain"],
)
def test_what_is_packed_is_unpacked(site: Site, data: bytes, encoding: str) -> None:
    address = site.put("/a", data, content_encoding=encoding)
    assert inside().fetch(address).data == b"text"


def test_a_mark_of_a_version_in_any_bytes_is_sent_back_as_it_came(site: Site) -> None:
    mark = b'W/"caf\xe9 \xc3\xa9"'
    address = site.put("/a", "text", etag=mark.decode("latin-1"))
    first = inside().fetch(address)
    inside().fetch(address, first.validators)
    assert site.asked[-1].headers["if-none-match"].encode("latin-1") == mark


def test_a_reply_without_a_page_is_one_only_if_it_was_asked_for(site: Site) -> None:
    site.pages["/a"] = Reply(status=304)
    with pytest.raises(Refused, match="304"):
        inside().fetch(site.address + "/a")
    site.pages["/a"] = Reply("text", status=203)
    assert inside().fetch(site.address + "/a").data == b"text"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("data:text/html,x", "redirects to data:text/html,x. Only addresses"),
        ("http://0177.0.0.1/", "malformed address"),
        ("http://\u2460.example/", "malformed address"),
        ("http://name@127.0.0.1/", "an @ before its path"),
        ("mailto:a@b.example", "Only addresses"),
    ],
)
def test_a_redirect_to_no_page_is_told(site: Site, target: str, reason: str) -> None:
    site.redirect("/a", target.encode().decode("latin-1"))
    with pytest.raises(Refused, match=r"[^.]\.$") as caught:
        inside().fetch(site.address + "/a")
    assert reason in str(caught.value)


def test_a_site_that_is_down_is_not_asked_for_every_page(site: Site) -> None:
    found = inside()
    for number in range(6):
        site.play(f"/{number}", no_http)
        with pytest.raises(Refused, match="failed"):
            found.fetch(f"{site.address}/{number}")
    assert site.paths() == ["/robots.txt", "/0", "/1", "/2"]
    other = inside()
    site.put("/good", "text")
    for number in range(2):
        with pytest.raises(Refused):
            other.fetch(f"{site.address}/{number}")
    assert other.fetch(site.address + "/good").data == b"text"
    with pytest.raises(Refused, match="The connection"):
        other.fetch(f"{site.address}/3")


def test_rules_that_cannot_be_read_are_asked_for_once(site: Site) -> None:
    site.pages["/robots.txt"] = Reply(status=500)
    found = inside()
    for number in range(3):
        with pytest.raises(Refused, match=r"robots\.txt could not be read"):
            found.fetch(f"{site.address}/{number}")
    assert site.paths() == ["/robots.txt"]


def test_a_host_inside_is_fetched_only_if_the_settings_name_it(site: Site) -> None:
    address = site.put("/a", "text")
    host = address.split("/")[2]
    for hosts in ((), ("127.0.0.2",), ("127.0.0.1:1",)):
        with pytest.raises(Refused, match=r"inside_hosts = \[\"127\.0\.0\.1\"\]"):
            inside(inside_hosts=hosts).fetch(address)
    assert site.asked == []
    assert inside(inside_hosts=(host,)).fetch(address).data == b"text"
    # A redirect within a host that is allowed may still lead to one that is not.
    with pytest.raises(Refused, match="inside"):
        inside().fetch(site.redirect("/b", address.replace("127.0.0.1", "127.0.0.2")))


def test_robots_txt_is_kept_to(site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/\nAllow: /private/open$\n")
    site.put("/private/a", "text")
    found = inside()
    with pytest.raises(Refused, match=r"robots\.txt .* clip it"):
        found.fetch(site.address + "/private/a")
    with pytest.raises(Refused, match="robots"):
        found.fetch(site.redirect("/b", "/private/a"))
    found.fetch(site.put("/private/open", "text"))
    assert site.paths() == ["/robots.txt", "/b", "/private/open"]


@pytest.mark.parametrize(("status", "may"), [(404, True), (403, True), (500, False), (429, False)])
def test_without_robots_txt_all_is_open(site: Site, status: int, may: bool) -> None:
    site.pages["/robots.txt"] = Reply(status=status)
    address = site.put("/a", "text")
    if may:
        inside().fetch(address)
    else:
        with pytest.raises(Refused, match=r"robots\.txt could not be read"):
            inside().fetch(address)
        assert "/a" not in site.paths()


def test_requests_to_a_host_keep_their_distance(site: Site) -> None:
    slept: list[float] = []
    found = inside(fetch_pause=2.0)
    found.sleep = slept.append
    site.put("/robots.txt", "User-agent: Footnote\nCrawl-delay: 7\n")
    for _ in range(2):
        found.fetch(site.put("/a", "text"))
    # After robots.txt the pause of the settings, from then on that which the site asks for.
    assert [round(seconds) for seconds in slept] == [2, 7]


def test_a_server_that_asks_to_wait_is_asked_again(site: Site) -> None:
    slept: list[float] = []
    found = inside()
    found.sleep = slept.append
    site.pages["/a"] = Reply(status=503, headers={"retry-after": "3"})
    with pytest.raises(Refused, match="left alone"):
        found.fetch(site.address + "/a")
    assert site.paths(503) == ["/a", "/a"] and round(sum(slept)) == 3
    site.pages["/a"] = Reply(status=429, headers={"retry-after": "3600"})
    with pytest.raises(Refused, match="Try again later"):
        found.fetch(site.address + "/a")
    assert site.paths(429) == ["/a"]


def test_requests_that_leave_this_machine_are_logged_first(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[Outgoing] = []

    def unreachable(host: str, port: int, seconds: float) -> list[str]:
        assert [call.host for call in logged] == ["news.example"]
        raise Refused("stopped here.")

    monkeypatch.setattr(fetcher, "resolve_public", unreachable)
    with pytest.raises(Refused, match="stopped here"):
        Fetcher(Settings(library=Path("unused")), logged.append).fetch("https://news.example/a")
    (call,) = logged
    assert (call.backend, call.characters, call.articles) == ("fetch", 0, ())


def test_requests_within_this_machine_are_not_logged(site: Site) -> None:
    logged: list[Outgoing] = []
    found = inside()
    found.log = logged.append
    found.fetch(site.put("/a", "text"))
    assert logged == []


def head(server: BaseHTTPRequestHandler, **headers: object) -> None:
    server.send_response(200)
    for name, value in headers.items():
        server.send_header(name.replace("_", "-"), str(value))
    server.end_headers()


def endless(server: BaseHTTPRequestHandler) -> None:
    head(server)
    for _ in range(100):
        server.wfile.write(b"x" * MEGABYTE)


def silent(server: BaseHTTPRequestHandler) -> None:
    time.sleep(2)


def stalls(server: BaseHTTPRequestHandler) -> None:
    head(server, content_length=100)
    server.wfile.write(b"x")
    server.wfile.flush()
    time.sleep(2)


def drips(server: BaseHTTPRequestHandler) -> None:
    head(server, content_length=1_000)
    for _ in range(30):
        server.wfile.write(b"x")
        server.wfile.flush()
        time.sleep(0.1)


def short(server: BaseHTTPRequestHandler) -> None:
    head(server, content_length=1_000)
    server.wfile.write(b"x" * 10)


def long(server: BaseHTTPRequestHandler) -> None:
    server.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + bytes(range(65, 123)))


def packed(data: bytes, encoding: str) -> Play:
    def play(server: BaseHTTPRequestHandler) -> None:
        head(server, content_encoding=encoding, content_length=len(data))
        server.wfile.write(data)

    return play


def no_http(server: BaseHTTPRequestHandler) -> None:
    server.wfile.write(b"\x16\x03\x01 this is no reply\r\n\r\n")


BOMB = gzip.compress(bytes(60 * MEGABYTE))


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (endless, "more than 32"),
        (silent, "did not answer within"),
        (stalls, "stopped sending for"),
        (drips, "had not sent everything after"),
        (short, "The connection to 127.0.0.1 failed"),
        (long, "its end is missing"),
        (no_http, "The connection to 127.0.0.1 failed"),
        (packed(BOMB, "gzip"), "more than 32 MB"),
        (packed(gzip.compress(BOMB), "gzip, gzip"), "was not asked for"),
        (packed(b"x" * 100, "zstd"), "was not asked for"),
        (packed(b"no gzip at all", "gzip"), "not packed as gzip"),
        (packed(gzip.compress(b"text" * 99)[:-9], "gzip"), "cut off"),
        (packed(zlib.compress(b"text" * 99)[:-9], "deflate"), "cut off"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bodies_that_do_harm_are_left(
    site: Site, monkeypatch: pytest.MonkeyPatch, play: Callable[..., None], reason: str
) -> None:
    for name, seconds in {"FIRST_BYTE": 1.0, "NEXT_BYTE": 0.5, "WHOLE": 1.5}.items():
        if play in (silent, stalls, drips):
            monkeypatch.setattr(fetcher, name, seconds)
    started = time.monotonic()
    with pytest.raises(Refused, match=r"\.$") as caught:
        inside().fetch(site.play("/a", play))
    assert reason in str(caught.value)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "clip it"),
        (403, "clip it"),
        (404, "no such page"),
        (410, "no such page"),
        (500, "Error"),
    ],
)
def test_a_refusal_of_the_server_is_told(site: Site, status: int, reason: str) -> None:
    site.pages["/a"] = Reply(status=status)
    with pytest.raises(Refused, match=rf"The server says {status}.*{reason}") as caught:
        inside().fetch(site.address + "/a")
    assert caught.value.status == status

"""Addresses that point inside, or that programs read differently, are not fetched."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import httpcore
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.fetching import Fetcher, Refused, identity
from rag.fetching.addresses import is_public, parse_address, resolve_public
from rag.settings import Settings
from web_site import Reply, web_site

PUBLIC = "93.184.216.34"
# What the names of the table lead to, one answer after the other.
NAMES = {
    "rebind.test": [[PUBLIC], ["127.0.0.1"]],
    "multi.test": [[PUBLIC, "10.0.0.5"]],
    "private.test": [["10.0.0.5"]],
    "v6only.test": [["::1"]],
    "cname.test": [["127.0.0.1"]],
    "ttl0.test": [["127.0.0.1"], [PUBLIC]],
    "sub.localhost": [["127.0.0.1"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "example.com": [[PUBLIC]],
    "redirect.test": [[PUBLIC]],
}


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Where connections were opened; the public address is played by a site on loopback."""
    answers = {name: cycle(found) for name, found in NAMES.items()}
    look_up, connect = socket.getaddrinfo, httpcore.SyncBackend.connect_tcp
    opened: list[str] = []

    def names(host: str, port: int, *rest: object, **options: object) -> object:
        if host.rstrip(".").lower() not in answers:
            return look_up(host, port, *rest, **options)  # type: ignore[arg-type]
        found = next(answers[host.rstrip(".").lower()])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    with web_site() as site:

        def connect_tcp(self: object, host: str, port: int, *rest: object) -> object:
            opened.append(host)
            there = "127.0.0.1" if host == PUBLIC else host
            at = int(site.address.rpartition(":")[2]) if host == PUBLIC else port
            return connect(self, there, at, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", names)
        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
        for path, target in (
            ("/302-loopback", "http://127.0.0.1/"),
            ("/301-metadata", "http://169.254.169.254/latest/meta-data/"),
            ("/307-file", "file:///etc/hostname"),
            ("/308-decimal", "http://2130706433/"),
            ("/loop", "/loop"),
            ("/protocol-relative", "//127.0.0.1/"),
            ("/relative-backslash", "/\\127.0.0.1/"),
            *((f"/chain-{n}", f"/chain-{n - 1}") for n in range(2, 7)),
            ("/chain-1", "http://127.0.0.1/"),
        ):
            site.redirect(path, target)
        refresh = "<meta http-equiv=refresh content='0; url=http://127.0.0.1/'>"
        site.put("/meta-refresh", refresh)
        site.pages["/refresh-header"] = Reply("x", headers={"refresh": "0; url=http://127.0.0.1/"})
        yield opened


def fetcher() -> Fetcher:
    return Fetcher(Settings(library=Path("unused"), fetch_pause=0.0))


def test_nothing_inside_is_ever_connected_to(shared: Path, connected: list[str]) -> None:
    rows = (shared / "attacks/own/ssrf_targets.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, rows):
        connected.clear()
        try:
            page = fetcher().fetch(row["url"])
        except Refused as refused:
            assert str(refused).endswith("."), row
        else:
            # What a browser would be led away by is a page like any other here.
            assert "refresh" in row["kind"].lower(), row
            assert page.url.host == "redirect.test"
        assert set(connected) <= {PUBLIC}, row


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("file:///etc/hostname", "begin with http:// or https://"),
        ("javascript:alert(1)", "begin with http:// or https://"),
        ("http://user:word@example.com/", "an @ before its path"),
        ("http://example.com\\@127.0.0.1/", "a backslash"),
        ("http://example.com/a b", "white space"),
        ("http:/127.0.0.1/", "names no host"),
        ("http:///127.0.0.1/", "names no host"),
        ("http://[::1/", "malformed"),
        ("http://example.com:25/", "Port 25"),
        ("http://example.com:0/", "Port 0"),
        ("http://example.com:99999/", "Port 99999"),
        ("http://127.0.0.1%09/", "an encoded character"),
        ("http://private.test/", "inside: it leads to 10.0.0.5"),
        ("http://multi.test/", "inside: it leads to 10.0.0.5"),
        ("http://redirect.test/302-loopback", "127.0.0.1 is inside"),
        ("http://redirect.test/307-file", "redirects to file:///etc/hostname"),
        ("http://redirect.test/loop", "redirects more than 5 times"),
    ],
)
def test_the_reason_is_told(connected: list[str], address: str, reason: str) -> None:
    with pytest.raises(Refused, match=r".+\.$") as caught:
        fetcher().fetch(address)
    assert reason in str(caught.value)


def test_an_address_that_was_checked_is_the_one_connected_to(connected: list[str]) -> None:
    # The second answer for the same name leads inside: it is looked up again, and refused.
    with pytest.raises(Refused, match=r"127\.0\.0\.1"):
        fetcher().fetch("http://rebind.test/")
    assert connected == [PUBLIC]


@given(st.integers(0, 2**32 - 1), st.sampled_from([" ", "v4", "mapped", "nat64", "6to4"]))
def test_an_address_is_as_public_in_every_notation(number: int, notation: str) -> None:
    plain = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    high, low = f"{number >> 16:x}", f"{number & 65_535:x}"
    if notation == "nat64":
        assert is_public(f"64:ff9b::{high}:{low}") == is_public(plain)
    elif notation == "mapped":
        assert not is_public(f"::ffff:{plain}")
    elif notation == "6to4":
        assert not is_public(f"2002:{high}:{low}::1")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fe80::1%eth0", "224.0.0.1", "::1"])
def test_this_machine_and_its_network_are_not_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Refused, match="inside_hosts"):
        resolve_public(address.partition("%")[0], 80, 1.0)


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1", "8.8.8.8"])
def test_the_rest_is_public(address: str) -> None:
    assert is_public(address)


@given(st.text(max_size=60))
@example("?")
@example("#")
@example(":80/")
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    for address in (text, f"http://{text}", f"https://example.com/{text}"):
        try:
            url = parse_address(address)
        except Refused:
            continue
        assert url.scheme in ("http", "https") and url.host


@pytest.mark.parametrize(
    ("address", "canonical", "expected"),
    [
        ("https://a.example/x?utm_source=f&id=3", None, "https://a.example/x?id=3"),
        ("https://m.a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://www.a.example/x?p=1", "/x", "https://www.a.example/x"),
        ("https://a.example/x", "https://b.example/y", "https://a.example/x"),
        ("https://a.example/x", "https://evila.example/x", "https://a.example/x"),
        ("https://a.example/x", "http://[", "https://a.example/x"),
        ("https://a.example/x", "", "https://a.example/x"),
    ],
)
def test_a_page_names_itself_only(address: str, canonical: str | None, expected: str) -> None:
    assert identity(httpx.URL(address), canonical) == expected


@pytest.mark.parametrize(
    "tracker",
    ["mc_cid=1&mc_eid=2", "igshid=1", "GCLID=1", "_hsenc=1", "utm_id=1", "ScCid=1", "mtm_kwd=1"],
)
def test_how_a_reader_came_is_left_out(tracker: str) -> None:
    assert identity(httpx.URL(f"https://a.example/x?{tracker}"), None) == "https://a.example/x"


@pytest.mark.parametrize(
    "query", ["id=1", "ref=1", "source=1", "p=1", "mc=1", "utm=1", "story_s=1"]
)
def test_what_is_read_stays(query: str) -> None:
    assert identity(httpx.URL(f"https://a.example/x?{query}"), None).endswith(query)

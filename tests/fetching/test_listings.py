"""Feeds, sitemaps and OPML: what they name, and what is no list or a harmful one."""

from __future__ import annotations

import gzip
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fetching import Entry, Refused, read_listing
from rag.fetching.listings import MOST_ENTRIES

BASE = "https://news.example/feeds/all"
RSS = """<?xml version="1.0" encoding="ISO-8859-1"?><!-- made --><rss version="2.0"><channel>
<title>News</title><link>https://news.example/</link>
<item><title>Fl\u00fcsse &amp; B\u00e4che</title><link>/rivers</link><author>Ann Lee</author>
<pubDate>Mon, 05 Feb 2024 23:30:00 GMT</pubDate></item>
<item><title>No link</title></item>
<item><guid>https://news.example/bridge</guid></item>
<item><link>/rivers</link></item></channel></rss>""".encode("latin-1")
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>Bridge</title>
<link rel="alternate" href="../bridge"/><published>2024-02-05T01:00:00Z</published>
<author><name>Bo</name></author></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [
        {"url": "/a", "title": "A", "authors": [{"name": "Ann"}, {"name": "Bo"}]},
        {"external_url": "https://b.example/", "date_published": "2024-02-05T01:00:00+01:00"},
        {"id": "3"},
    ],
}
SITEMAP = (
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    b"<url><loc> https://news.example/a </loc></url><url><loc>https://news.example/b</loc></url>"
    b"<url></url></urlset>"
)
INDEX = (
    b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
    b"<sitemap><loc>https://news.example/1.xml.gz</loc></sitemap></sitemapindex>"
)
OPML = b"""<?xml version="1.0"?><opml version="2.0"><body><outline text="Science">
<outline type="rss" xmlUrl="https://a.example/feed"/></outline><outline text="x"/></body></opml>"""

AT_NEWS = "https://news.example"
ONE, TWO = Entry(f"{AT_NEWS}/a"), Entry(f"{AT_NEWS}/b")
PLAIN = "<rss><channel><item><link>/a</link></item></channel></rss>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            RSS,
            # The last of two entries with one address counts.
            [Entry(f"{AT_NEWS}/rivers"), Entry(f"{AT_NEWS}/bridge")],
        ),
        (ATOM, [Entry(f"{AT_NEWS}/bridge", "Bridge", "Bo", date(2024, 2, 5))]),
        (
            json.dumps(JSON_FEED).encode(),
            [
                Entry(f"{AT_NEWS}/a", "A", "Ann, Bo"),
                Entry("https://b.example/", published=date(2024, 2, 5)),
            ],
        ),
        (SITEMAP, [Entry(f"{AT_NEWS}/a"), Entry(f"{AT_NEWS}/b")]),
        (gzip.compress(SITEMAP), [Entry(f"{AT_NEWS}/a"), Entry(f"{AT_NEWS}/b")]),
        (INDEX, [Entry(f"{AT_NEWS}/1.xml.gz", is_list=True)]),
        (OPML, [Entry("https://a.example/feed", is_list=True)]),
        (b"\xef\xbb\xbf" + OPML, [Entry("https://a.example/feed", is_list=True)]),
        (b"<urlset/>", []),
        (b"\xef\xbb\xbf" + json.dumps({**JSON_FEED, "items": [{"url": "/a"}]}).encode(), [ONE]),
        (f'\ufeff<?xml version="1.0" encoding="utf-16"?>{PLAIN}'.encode("utf-16-le"), [ONE]),
        (f"<?xml version='1.0'?><!--{'x' * 9_000}-->{PLAIN}".encode(), [ONE]),
        (
            b"<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:link href='/a'/>"
            b"</a:entry></a:feed>",
            [ONE],
        ),
        (b"<s:urlset xmlns:s='x'><s:url><s:loc>/a</s:loc></s:url></s:urlset>", [ONE]),
        (gzip.compress(SITEMAP[:90]) + gzip.compress(SITEMAP[90:]), [ONE, TWO]),
        (b"https://news.example/a\r\n\r\nhttps://news.example/b\n", [ONE, TWO]),
    ],
    ids=[
        *("rss", "atom", "json", "sitemap", "gzipped", "index", "opml", "mark", "empty"),
        *("json with a mark", "utf-16", "long comment", "prefixed feed", "prefixed sitemap"),
        *("gzipped in parts", "text"),
    ],
)
def test_lists_name_pages_with_what_is_known_of_them(data: bytes, expected: list[Entry]) -> None:
    assert read_listing(data, BASE) == tuple(expected)


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><item><link>/b</link><pubDate>0000-00-00</pubDate></item>"
        b"<item><link>http://[::1</link></item><item><link>/a</link></item></rss>",
        b'{"version": "https://jsonfeed.org/version/1", "items": [{"url": 7}, {"url": "/b", '
        b'"date_published": "soon"}, {"url": "http://[::1"}, {"url": "/a", "title": ["x"]}]}',
        b"<urlset><url><loc>/b</loc></url><url><loc>http://[::1</loc></url><url><loc>/a</loc></url>"
        b"</urlset>",
    ],
    ids=["feed", "json", "sitemap"],
)
def test_a_bad_entry_spoils_no_other(data: bytes) -> None:
    found = read_listing(data, BASE)
    assert found is not None and {ONE, TWO} <= set(found)


def test_a_list_of_what_has_no_page_is_told() -> None:
    with pytest.raises(Refused, match="address of a page"):
        read_listing(
            b"<rss><item><title>Episode 7</title><enclosure url='/7.mp3'/></item></rss>", ""
        )


def test_a_feed_in_another_encoding_is_read() -> None:
    once = RSS.replace(b"<item><link>/rivers</link></item>", b"")
    first, _ = read_listing(once, BASE) or ()
    assert first == Entry(
        f"{AT_NEWS}/rivers", "Fl\u00fcsse & B\u00e4che", "Ann Lee", date(2024, 2, 5)
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"<!doctype html><html><body>rss</body></html>", b'{"items": []}', b"%PDF-1.7"],
)
def test_other_things_are_no_lists(data: bytes) -> None:
    assert read_listing(data, BASE) is None


BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><urlset><url><loc>http://a.example/&j;</loc></url></urlset>"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<rss><channel>" + b"<item/>" * 100_000 + b"</channel></rss>", "more than 10,000"),
        (b"<urlset>" + b"<url><loc>http://a/</loc></url>" * 100_000 + b"</urlset>", "more than"),
        (gzip.compress(b"<urlset>" + b"<url><loc>a</loc></url>" * 100_000), "more than 10,000"),
        (gzip.compress(b"<urlset>" + b" " * 40_000_000), "more than 32 MB"),
        (("\ufeff<rss>" + "<item/>" * 100_000).encode("utf-16-le"), "more than 10,000"),
        (b"<a:feed xmlns:a='x'>" + b"<a:entry/>" * 100_000, "more than 10,000"),
        (
            b"http://a.example/1\n" * 9_999
            + b"".join(b"http://a.example/%d\n" % n for n in range(20_000)),
            "more than 10,000",
        ),
        (b"<urlset><url>", "damaged"),
        (BILLION, "damaged"),
        (
            b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            b"<urlset><url><loc>http://a.example/&x;</loc></url></urlset>",
            "damaged",
        ),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 7}', "damaged"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [7]}', "damaged"),
        (b'{"version": "https://jsonfeed.org/version/1"' + b"[" * 100_000, "damaged"),
    ],
    ids=[
        *("feed", "sitemap", "packed", "bomb", "utf-16", "prefixed", "text", "cut"),
        *("laughs", "entity", "number", "numbers", "deep"),
    ],
)
def test_harmful_lists_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_listing(data, BASE)


def test_as_many_entries_as_are_allowed_are_read() -> None:
    rows = b"".join(b"<url><loc>/%d</loc></url>" % n for n in range(MOST_ENTRIES))
    found = read_listing(b"<urlset>" + rows + b"</urlset>", BASE)
    assert found is not None and len(found) == MOST_ENTRIES


@given(st.binary(max_size=300), st.sampled_from([b"", b"<rss>", b"<feed", b"<opml>", b"\x1f\x8b"]))
def test_any_bytes_are_a_list_or_not(data: bytes, start: bytes) -> None:
    try:
        found = read_listing(start + data, BASE)
    except Refused:
        return
    assert found is None or all(entry.address for entry in found)

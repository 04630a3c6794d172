"""Lists of pages: feeds (RSS, Atom, JSON), sitemaps, and OPML lists of feeds."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from rag.fetching.allowed_addresses import Refused
from rag.fetching.fetcher import MOST_BYTES

# At one request a second, more than two and a half hours.
MOST_ENTRIES = 10_000
# The first element, after byte order mark, declarations and comments.
ROOT = re.compile(
    r"\s*(?>(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)\s*)*<([\w:]+)", re.DOTALL
)
FEEDS = ("rss", "rdf:rdf", "feed")
XML_LISTS = ("urlset", "sitemapindex", "opml")
JSON_FEED = b"://jsonfeed.org/version/"
GZIP = b"\x1f\x8b"
ENTRY = re.compile(rb"<(?:item|entry|loc|outline)\b|\"(?:external_)?url\"\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that a list names, with what the list says of it.

    Attributes:
        address: Of the page, or of another list if ``is_list``.
    """

    address: str
    title: str | None = None
    author: str | None = None
    published: date | None = None
    is_list: bool = False


def read_listing(data: bytes, base: str) -> tuple[Entry, ...] | None:
    """What a list names, in its order, each address once; None if the bytes are no list.

    Args:
        data: The list, perhaps gzipped.
        base: Its address, which relative ones are completed from.

    Raises:
        Refused: It is damaged or names too much.
    """
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(31).decompress(data, MOST_BYTES)
        except zlib.error:
            return None
    root = root_of(data)
    is_json = data.lstrip().startswith(b"{") and JSON_FEED in data
    if not is_json and root not in (*FEEDS, *XML_LISTS):
        return None
    # Before anything is parsed, which takes a hundred times longer.
    if len(ENTRY.findall(data)) > 2 * MOST_ENTRIES:
        raise Refused(f"It lists more than {MOST_ENTRIES:,} pages.")
    read = _json_feed if is_json else _feed if root in FEEDS else _xml_list
    try:
        found = {entry.address: entry for entry in read(data, base)}
    except (ValueError, LookupError, TypeError, AttributeError, ElementTree.ParseError) as error:
        raise Refused(f"The list is damaged: {error}.") from error
    if len(found) > MOST_ENTRIES:
        raise Refused(f"It lists more than {MOST_ENTRIES:,} pages.")
    return tuple(found.values())


def root_of(data: bytes) -> str:
    """The name of the first XML element, in lower case; empty if there is none."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    found = ROOT.match(data[:4_096].decode(encoding, "ignore"))
    return found[1].lower() if found else ""


def _feed(data: bytes, base: str) -> Iterator[Entry]:
    import feedparser

    # A stream, because text would be taken for a file's name or an address.
    headers = {"content-location": base}
    options = {"sanitize_html": False, "resolve_relative_uris": False}
    found = feedparser.parse(io.BytesIO(data), response_headers=headers, **options)
    for item in found.entries:
        if link := item.get("link"):
            at = item.get("published_parsed")
            yield Entry(
                urljoin(base, link),
                item.get("title") or None,
                item.get("author") or None,
                date(*at[:3]) if at else None,
            )


def _json_feed(data: bytes, base: str) -> Iterator[Entry]:
    for item in json.loads(data)["items"]:
        if link := item.get("url") or item.get("external_url"):
            yield Entry(
                urljoin(base, link),
                item.get("title"),
                _author(item),
                _day(item.get("date_published")),
            )


def _author(item: dict[str, Any]) -> str | None:
    authors = item.get("authors") or [item.get("author") or {}]
    return ", ".join(str(who["name"]) for who in authors if who.get("name")) or None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _xml_list(data: bytes, base: str) -> Iterator[Entry]:
    for element in ElementTree.fromstring(data).iter():
        name = element.tag.rpartition("}")[2].lower()
        if name in ("url", "sitemap"):
            if address := (element.findtext("{*}loc") or "").strip():
                yield Entry(urljoin(base, address), is_list=name == "sitemap")
        elif name == "outline" and (address := element.get("xmlUrl", "").strip()):
            yield Entry(urljoin(base, address), is_list=True)

"""Lists of pages: feeds (RSS, Atom, JSON), sitemaps, and OPML lists of feeds."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from rag.fetching.addresses import Refused
from rag.fetching.fetcher import join
from rag.fetching.unpacking import GZIP, NotUnpacked, unpack

# At one request a second, more than two and a half hours.
MOST_ENTRIES = 10_000
# The first element, after byte order mark, declarations and comments.
ROOT = re.compile(
    r"\s*(?>(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)\s*)*<([\w:]+)", re.DOTALL
)
# A comment before it may be long.
ROOT_BYTES = 65_536
FEEDS = ("rss", "rdf", "feed")
UTF_16_DECLARED = re.compile(r"(<\?xml[^>]{0,100}encoding\s*=\s*[\"'])utf-16", re.IGNORECASE)
XML_LISTS = ("urlset", "sitemapindex", "opml")
# A sitemap in the form of a text: an address in each line, and nothing else.
ADDRESSES = re.compile(rb"\s*+(?:https?://\S++\s*+)++", re.IGNORECASE)
JSON_FEED = b"://jsonfeed.org/version/"
ENTRY = re.compile(
    rb"<(?:\w+:)?(?:item|entry|loc|outline)\b|\"(?:external_)?url\"\s*:", re.IGNORECASE
)


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
            data = unpack(data, "gzip", join)
        except NotUnpacked:
            return None
    data = _as_utf8(data)
    root = root_of(data)
    is_json = data.lstrip().startswith(b"{") and JSON_FEED in data
    is_text = ADDRESSES.fullmatch(data) is not None
    if not (is_json or is_text) and root not in (*FEEDS, *XML_LISTS):
        return None
    # Before anything is parsed, which takes a hundred times longer.
    if len(ENTRY.findall(data)) > 2 * MOST_ENTRIES:
        raise Refused(f"It lists more than {MOST_ENTRIES:,} pages.")
    read = _json_feed if is_json else _text_list if is_text else _xml_list
    if root in FEEDS:
        read = _feed
    try:
        found = {entry.address: entry for entry in read(data, base)}
    except (ValueError, LookupError, TypeError, AttributeError, ElementTree.ParseError) as error:
        raise Refused(f"The list is damaged: {error}.") from error
    if len(found) > MOST_ENTRIES:
        raise Refused(f"It lists more than {MOST_ENTRIES:,} pages.")
    if not found and ENTRY.search(data):
        raise Refused("None of its entries has the address of a page.")
    return tuple(found.values())


def root_of(data: bytes) -> str:
    """The name of the first XML element, in lower case and without prefix; empty if none."""
    found = ROOT.match(data[:ROOT_BYTES].decode("utf-8", "ignore"))
    return found[1].lower().rpartition(":")[2] if found else ""


def _as_utf8(data: bytes) -> bytes:
    """A list without its byte order mark; one in UTF-16 in UTF-8 instead."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
        return UTF_16_DECLARED.sub(r"\1utf-8", text, count=1).encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _address(base: str, link: str) -> str:
    """A complete address; one that is malformed is left for whoever fetches it to refuse."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


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
                _address(base, link),
                item.get("title") or None,
                item.get("author") or None,
                _day("{:04}-{:02}-{:02}".format(*at)) if at else None,
            )


def _json_feed(data: bytes, base: str) -> Iterator[Entry]:
    for item in json.loads(data)["items"]:
        said = {name: value for name, value in item.items() if isinstance(value, str) and value}
        if link := said.get("url") or said.get("external_url"):
            day = _day(said.get("date_published", ""))
            yield Entry(_address(base, link), said.get("title"), _author(item), day)


def _author(item: dict[str, Any]) -> str | None:
    authors = item.get("authors") or [item.get("author") or {}]
    return ", ".join(str(who["name"]) for who in authors if who.get("name")) or None


def _day(text: str) -> date | None:
    """A day that a list names; a bad one is unknown, and spoils no other entry."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _text_list(data: bytes, base: str) -> Iterator[Entry]:
    for address in data.decode("utf-8", "replace").split():
        yield Entry(address)


def _xml_list(data: bytes, base: str) -> Iterator[Entry]:
    for element in ElementTree.fromstring(data).iter():
        name = element.tag.rpartition("}")[2].lower()
        if name in ("url", "sitemap"):
            if address := (element.findtext("{*}loc") or "").strip():
                yield Entry(_address(base, address), is_list=name == "sitemap")
        elif name == "outline" and (address := element.get("xmlUrl", "").strip()):
            yield Entry(_address(base, address), is_list=True)

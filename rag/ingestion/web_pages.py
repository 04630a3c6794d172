"""Reads articles from web addresses: pages, and the pages of feeds, sitemaps and OPML lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import urljoin

from rag.fetching import (
    GONE,
    NOTHING,
    Entry,
    Fetcher,
    Page,
    Refused,
    Validators,
    identity,
    parse_address,
    read_listing,
)
from rag.ingestion.articles import article_of
from rag.ingestion.documents import Extracted, FactName, Facts
from rag.ingestion.formats import READERS
from rag.ingestion.formats.html import is_html, read_html
from rag.ingestion.formats.html_facts import ADDRESS as FROM_ADDRESS
from rag.ingestion.formats.html_tree import decoded, parse
from rag.ingestion.isolation import ReadingProcess
from rag.ingestion.kinds import HEAD_BYTES, kind_of
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import split_paragraphs
from rag.ingestion.outcomes import Document
from rag.receipts import Failure
from rag.store import Visit
from rag.types import Fact

HTML_TYPES = ("text/html", "application/xhtml+xml")
# The endings that the files of servers' types have.
ENDINGS = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/epub+zip": ".epub",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "text/csv": ".csv",
    "message/rfc822": ".eml",
}
FEED_LINK = (
    "//link[contains(@rel, 'alternate') and (contains(@type, 'rss+xml')"
    " or contains(@type, 'atom+xml') or contains(@type, 'feed+json'))]/@href"
)
FEED_ENTRY = "feed entry"
# An OPML list names feeds, an index of sitemaps names sitemaps; these name pages.
DEEPEST_LIST = 1


@dataclass(slots=True)
class AddressReader:
    """Reads addresses, each once.

    Args:
        fetcher: Fetches them.
        visits: The last visits, by address.
        places: Article ids by place, as the library knows them.
        process: Reads documents, which could take this process down.
        follow: Whether every refresh should ask again for the lists that are read.
        again: Whether this is a refresh, which reads no list that has not changed.
    """

    fetcher: Fetcher
    visits: Mapping[str, Visit]
    places: Mapping[str, str]
    process: ReadingProcess
    follow: bool = False
    again: bool = False
    seen: set[str] = field(default_factory=set)

    def read(self, address: str) -> Iterator[Document | Failure | Visit]:
        """The articles at an address, each followed by the visit that gave it.

        The visit to a list comes after those to its pages. It carries validators only if none of
        them failed, so that after an interruption the whole list is asked for again.
        """
        return self._read(Entry(address), depth=0)

    def _read(self, entry: Entry, depth: int) -> Iterator[Document | Failure | Visit]:
        address = entry.address
        if address in self.seen:
            return
        self.seen.add(address)
        visit = self.visits.get(address)
        finds_feed = self.follow and depth == 0
        try:
            known = self._validators(visit) if visit and not finds_feed else NOTHING
            page = self.fetcher.fetch(address, known)
            entries = None if page.data is None else read_listing(page.data, str(page.url))
            if entries is not None:
                yield from self._read_list(page, address, entries, depth)
            elif visit and page.data is None:
                yield visit._replace(named=depth == 0)
            elif finds_feed:
                yield from self._read(Entry(self._feed_of(page)), depth=0)
            else:
                yield from read_page(page, entry, self.process, named=depth == 0)
        except (Refused, Unreadable) as refused:
            yield Failure(address, str(refused))
            if visit and isinstance(refused, Refused) and refused.status in GONE:
                yield visit._replace(gone=True)

    def _validators(self, visit: Visit) -> Validators:
        """Those of a page whose article is in the library; of a list only in a refresh."""
        known = self.again if visit.location is None else visit.location in self.places
        return Validators(visit.etag, visit.modified) if known else NOTHING

    def _read_list(
        self, page: Page, address: str, entries: tuple[Entry, ...], depth: int
    ) -> Iterator[Document | Failure | Visit]:
        if depth > DEEPEST_LIST:
            raise Refused("It is a list within a list of lists. Name it by itself.")
        whole = True
        for entry in entries:
            for found in self._read(entry, depth + 1):
                whole = whole and not isinstance(found, Failure)
                yield found
        if self.follow or self.again or address in self.visits:
            yield Visit(address, None, *(page.validators if whole else NOTHING), named=True)

    def _feed_of(self, page: Page) -> str:
        """The feed that a page names.

        Raises:
            Refused: It names none.
        """
        if page.data is not None and is_html(page.data):
            for link in parse(page.data, charset=page.charset).xpath(FEED_LINK):
                return urljoin(str(page.url), str(link).strip())
        raise Refused(
            "It is not a feed, sitemap or OPML list, and names no feed. "
            f"Add the page itself with: footnote ingest {page.url}"
        )


def read_page(
    page: Page, entry: Entry, process: ReadingProcess, *, named: bool
) -> Iterator[Document | Visit]:
    """The article of a page, and the visit that gave it.

    Raises:
        Unreadable: It holds no article, or is of a kind that is not read.
    """
    document = document_of(page, entry, extract(page, process.extract))
    yield document
    yield Visit(entry.address, document.location, *page.validators, named=named)


def document_of(page: Page, entry: Entry, extracted: Extracted) -> Document:
    """The article of a page, and its place.

    Raises:
        Unreadable: Nothing is left of the text.
    """
    own = extracted.facts.get("url")
    location = identity(page.url, own.value if own else None)
    stem = PurePosixPath(page.url.path).stem
    article = article_of(with_facts(extracted, entry, location), origin=str(page.url), stem=stem)
    return Document(location, article)


def read_shown(html: str, address: str) -> Iterator[Document | Failure]:
    """The article of a page that a browser shows, without a visit: it was not fetched."""
    try:
        data = html.encode("utf-8", "replace")
        page = Page(parse_address(address), data, HTML_TYPES[0], "utf-8")
        yield document_of(page, Entry(address), read_html(data, address=address, charset="utf-8"))
    except (Refused, Unreadable) as refused:
        yield Failure(address, str(refused))


def extract(page: Page, read: Callable[[bytes, str], Extracted]) -> Extracted:
    """The text and facts of a page that was fetched.

    Args:
        page: As the server sent it.
        read: Reads a document that is of a kind in `rag.ingestion.formats.READERS`.

    Raises:
        Unreadable: It holds no article, or is of a kind that is not read.
    """
    data = page.data or b""
    if page.media_type in HTML_TYPES or is_html(data):
        return read_html(data, address=str(page.url), charset=page.charset)
    ending = ENDINGS.get(page.media_type)
    kind = kind_of(data[:HEAD_BYTES], f"page{ending}" if ending else page.url.path)
    if kind is not None and kind in READERS:
        return read(data, kind)
    if page.media_type.startswith("text/"):
        return Extracted(tuple(split_paragraphs(decoded(data, charset=page.charset))))
    raise Unreadable(f"Pages of the kind {page.media_type or 'unknown'} are not read yet.")


def with_facts(extracted: Extracted, entry: Entry, location: str) -> Extracted:
    """Adds what a list said about a page; only what the page itself says comes first."""
    said: dict[FactName, str | None] = {
        "title": entry.title,
        "author": entry.author,
        "published": entry.published.isoformat() if entry.published else None,
    }
    listed = {name: Fact(value, FEED_ENTRY) for name, value in said.items() if value}
    own = {name: fact for name, fact in extracted.facts.items() if fact.source != FROM_ADDRESS}
    address: Facts = {"url": Fact(location, FROM_ADDRESS)}
    return replace(extracted, facts={**extracted.facts, **listed, **own, **address})

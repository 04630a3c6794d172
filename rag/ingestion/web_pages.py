"""Reads articles from web addresses: pages, and the pages of feeds, sitemaps and OPML lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

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
)
from rag.ingestion.articles import article_of
from rag.ingestion.documents import Document, Extracted, FactName, Facts
from rag.ingestion.isolation import ReadingProcess
from rag.ingestion.limits import Unreadable
from rag.ingestion.listing import Listing
from rag.receipts import Failure
from rag.store import Visit
from rag.types import Fact

FEED_ENTRY = "feed entry"
FROM_ADDRESS = "address"
# An OPML list names feeds, an index of sitemaps names sitemaps; these name pages.
DEEPEST_LIST = 1


@dataclass(slots=True)
class AddressReader:
    """Reads addresses, each once.

    Args:
        fetcher: Fetches them.
        visits: The last visits, by address.
        places: Article ids by place, as the library knows them.
        process: Reads what is fetched, which could take this process down.
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
            if visit and page.data is None:
                yield visit._replace(named=depth == 0)
                return
            found = self.process.read_fetched(page, "feed" if finds_feed else "any")
            if isinstance(found, Extracted):
                document = document_of(page, entry, found)
                yield document
                yield Visit(address, document.location, *page.validators, named=depth == 0)
            elif found.feed:
                yield from self._read(Entry(found.feed), depth=0)
            else:
                yield from self._read_list(page, address, found, depth)
        except (Refused, Unreadable) as refused:
            yield Failure(address, str(refused))
            if visit and isinstance(refused, Refused) and refused.status in GONE:
                yield visit._replace(gone=True)

    def _validators(self, visit: Visit) -> Validators:
        """Those of a page whose article is in the library; of a list only in a refresh."""
        known = self.again if visit.location is None else visit.location in self.places
        return Validators(visit.etag, visit.modified) if known else NOTHING

    def _read_list(
        self, page: Page, address: str, listing: Listing, depth: int
    ) -> Iterator[Document | Failure | Visit]:
        if depth > DEEPEST_LIST:
            raise Refused("It is a list within a list of lists. Name it by itself.")
        whole = True
        for entry in listing.entries:
            for found in self._read(entry, depth + 1):
                whole = whole and not isinstance(found, Failure)
                yield found
        if self.follow or self.again or address in self.visits:
            yield Visit(address, None, *(page.validators if whole else NOTHING), named=True)


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


def read_shown(html: str, address: str, process: ReadingProcess) -> Iterator[Document | Failure]:
    """The article of a page that a browser shows, without a visit: it was not fetched."""
    try:
        data = html.encode("utf-8", "replace")
        page = Page(parse_address(address), data, "text/html", "utf-8")
        found = process.read_fetched(page, "page")
        assert isinstance(found, Extracted)
        yield document_of(page, Entry(address), found)
    except (Refused, Unreadable) as refused:
        yield Failure(address, str(refused))


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

"""What was fetched or clipped: a list of pages, or the text and facts of a page.

Only the reading process parses these bytes, since any site may have written them.
"""

from __future__ import annotations

from urllib.parse import urljoin

from rag.fetching import Page, Refused, read_listing
from rag.ingestion.documents import Extracted
from rag.ingestion.formats import READERS
from rag.ingestion.formats.html import is_html, read_html
from rag.ingestion.formats.html_tree import decoded, parse
from rag.ingestion.kinds import HEAD_BYTES, kind_of
from rag.ingestion.limits import Unreadable
from rag.ingestion.listing import Listing, Wanted
from rag.ingestion.normalization import split_paragraphs

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


def read_fetched(page: Page, wanted: Wanted) -> Listing | Extracted:
    """What a page holds.

    Raises:
        Refused: It is a damaged list, or names no feed.
        Unreadable: It holds no article, or is of a kind that is not read.
    """
    data = page.data or b""
    if wanted != "page" and (entries := read_listing(data, str(page.url))) is not None:
        return Listing(entries)
    return Listing(feed=_feed_of(page, data)) if wanted == "feed" else extract(page)


def _feed_of(page: Page, data: bytes) -> str:
    if is_html(data):
        for link in parse(data, charset=page.charset).xpath(FEED_LINK):
            return urljoin(str(page.url), str(link).strip())
    raise Refused(
        "It is not a feed, sitemap or OPML list, and names no feed. "
        f"Add the page itself with: footnote ingest {page.url}"
    )


def extract(page: Page) -> Extracted:
    """The text and facts of a page.

    Raises:
        Unreadable: It holds no article, or is of a kind that is not read.
    """
    data = page.data or b""
    if page.media_type in HTML_TYPES or is_html(data):
        return read_html(data, address=str(page.url), charset=page.charset)
    ending = ENDINGS.get(page.media_type)
    kind = kind_of(data[:HEAD_BYTES], f"page{ending}" if ending else page.url.path)
    if kind is not None and kind in READERS:
        return READERS[kind](data)
    if page.media_type.startswith("text/"):
        return Extracted(tuple(split_paragraphs(decoded(data, charset=page.charset))))
    raise Unreadable(f"Pages of the kind {page.media_type or 'unknown'} are not read yet.")

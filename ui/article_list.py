"""The list of articles: searched, sorted, and in groups. Pure: summaries in, HTML out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup

from rag import ArticleSummary, Source
from ui.html import format_day, render

ARTICLES_PER_PAGE = 100
UNDATED = "Undated"
UNKNOWN_PUBLISHER = "Unknown publisher"


class Order(NamedTuple):
    """A way to sort: its label, the key of an article, and the heading that it comes under."""

    label: str
    key: Callable[[ArticleSummary], Any]
    heading: Callable[[Source], str] = lambda source: ""


def _month(source: Source) -> str:
    return format_day(source.published).partition(" ")[2] if source.published else UNDATED


def _title(item: ArticleSummary) -> str:
    return item.source.title.casefold()


def _by_day(item: ArticleSummary) -> tuple[bool, int, str]:
    """The latest first, undated ones last."""
    day = item.source.published
    return day is None, -day.toordinal() if day else 0, _title(item)


ORDERS: Mapping[str, Order] = {
    "newest": Order("Newest first", _by_day, _month),
    "publisher": Order(
        "Publisher",
        lambda item: (
            item.source.publisher is None,
            (item.source.publisher or "").casefold(),
            item.source.publisher or "",
            _by_day(item),
        ),
        lambda source: source.publisher or UNKNOWN_PUBLISHER,
    ),
    "title": Order("Title", _title),
    "longest": Order("Longest first", lambda item: (-item.characters, _title(item))),
}


def article_list_html(
    articles: Sequence[ArticleSummary],
    *,
    words: str,
    order: str,
    page: int,
    can_change: bool,
    collections: Mapping[str, Sequence[str]] | None = None,
) -> Markup:
    """One page of the list.

    Args:
        articles: All of the library.
        words: Only articles with all of these in title, publisher, author or file name.
        order: A key of `ORDERS`; any other value is the first.
        page: Counts from 1; one that does not exist is the nearest.
        can_change: Whether this visitor may add and remove articles.
        collections: Ids of articles by the name that they were saved under.
    """
    chosen = ORDERS.get(order) or next(iter(ORDERS.values()))
    found = sorted((item for item in articles if _matches(item.source, words)), key=chosen.key)
    pages = max(1, -(-len(found) // ARTICLES_PER_PAGE))
    page = min(pages, max(1, page))
    shown = found[(page - 1) * ARTICLES_PER_PAGE : page * ARTICLES_PER_PAGE]
    grouped = groupby(shown, key=lambda item: chosen.heading(item.source))
    return render(
        "articles.html",
        groups=[(heading, list(items)) for heading, items in grouped],
        total=len(articles),
        found=len(found),
        words=words,
        order=order if order in ORDERS else next(iter(ORDERS)),
        orders=[(key, known.label) for key, known in ORDERS.items()],
        page=page,
        pages=pages,
        can_change=can_change,
        collections=[(name, len(ids)) for name, ids in (collections or {}).items()],
    )


def _matches(source: Source, words: str) -> bool:
    known = (source.title, source.publisher, source.author, source.category, source.origin)
    text = " ".join(part for part in known if part).casefold()
    return all(word in text for word in words.casefold().split())

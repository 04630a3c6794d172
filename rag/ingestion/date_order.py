"""Dates in figures whose order only the other files of an ingest show: 05/03/2024."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.ingestion.dates import SLASHED, day_of, orders_days
from rag.ingestion.outcomes import Document, Outcome
from rag.types import Article


def with_days(items: Sequence[Outcome]) -> list[Outcome]:
    """The items, in which each date in figures is read in the order that the set shows.

    Where no date shows an order, or some show one and some the other, the dates that two countries
    read differently are left out, and a note says so.
    """
    slashed = [item.slashed_day for item in items if isinstance(item, Document)]
    matches = [match for written in slashed if (match := SLASHED.match(written))]
    orders = {orders_days(match) for match in matches if match["sign"] == "/"} - {None}
    order = orders.pop() if len(orders) == 1 else None
    return [
        _dated(item, order) if isinstance(item, Document) and item.slashed_day else item
        for item in items
    ]


def _dated(document: Document, day_first: bool | None) -> Document:
    found = day_of(document.slashed_day, day_first=day_first)
    if found is None:
        note = (
            f"The date {document.slashed_day!r} is not used: neither it nor the other "
            "dates here show which figure is the day. Write it as 2024-03-05."
        )
        return replace(document, notes=(*document.notes, note))
    return replace(document, article=_published(document.article, found))


def _published(article: Article, day: date) -> Article:
    """The same article of another day, and so with another id."""
    source = article.source
    if source.published == day:
        return article
    built = Article.build(
        article.text,
        title=source.title,
        origin=source.origin,
        url=source.url,
        publisher=source.publisher,
        author=source.author,
        published=day,
        category=source.category,
        keep_local=source.keep_local,
    )
    return replace(article, source=replace(source, id=built.source.id, published=day))

"""The form that sets filters by hand, with the values that the library has.

Values in, HTML out. What a browser sends is checked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from rag import ArticleSummary, Filters
from ui.filter_chips import DATES, LISTS, chosen_chips, without_chip
from ui.html import render

# A longer list of articles is hard to use; an article's own page leads here with it chosen.
MAX_LISTED_ARTICLES = 300
MAX_VALUE_LENGTH = 500
MAX_FILTER_VALUES = 50


class Select(NamedTuple):
    """A drop-down list; each choice is its value and its label."""

    field: str
    choices: list[tuple[str, str]]


class DateRange(NamedTuple):
    first: date
    last: date


def filter_form_html(
    articles: Sequence[ArticleSummary], collections: Mapping[str, Sequence[str]] | None = None
) -> Markup:
    """The folded form; nothing where there is nothing to choose between.

    Args:
        articles: All of the library.
        collections: Ids of articles by the name that they were saved under.
    """
    sources = [item.source for item in articles]
    counts = {
        "publishers": Counter(source.publisher for source in sources if source.publisher),
        "authors": Counter(source.author for source in sources if source.author),
        "categories": Counter(source.category for source in sources if source.category),
    }
    selects = [
        Select(field, [(name, f"{name} ({count})") for name, count in _by_name(found)])
        for field, found in counts.items()
        if len(found) > 1
    ]
    if 1 < len(sources) <= MAX_LISTED_ARTICLES:
        titles = sorted((source.title, source.id) for source in sources)
        selects.append(Select("articles", [(key, title) for title, key in titles]))
    if collections:
        counted = [(name, f"{name} ({len(ids)})") for name, ids in collections.items()]
        selects.append(Select("collection", counted))
    days = sorted(source.published for source in sources if source.published)
    dates = DateRange(days[0], days[-1]) if days and days[0] < days[-1] else None
    return render("filter_form.html", selects=selects, dates=dates)


def active_filters_html(filters: Filters, titles: Mapping[str, str]) -> Markup:
    """The filters in force for the next question, each with a way to remove it."""
    return render("active_filters.html", chips=chosen_chips(filters, titles))


def apply_form_change(
    filters: Filters, sent: Any, collections: Mapping[str, tuple[str, ...]] | None = None
) -> Filters:
    """Filters after something was chosen in the form; an invalid choice changes nothing.

    A collection replaces the articles that were chosen before.
    """
    field, value = _text_of(sent, "field"), _text_of(sent, "value")
    changes: dict[str, Any] = {}
    if field in DATES:
        try:
            changes[field] = date.fromisoformat(value) if value else None
        except ValueError:
            return filters
    elif field == "collection":
        changes["articles"] = (collections or {}).get(value) or filters.articles
    elif field in LISTS and value:
        values = tuple(dict.fromkeys((*getattr(filters, field), value)))
        changes[field] = values[:MAX_FILTER_VALUES]
    return replace(filters, **changes)


def remove_filter(filters: Filters, sent: Any) -> Filters:
    """Filters without the one whose place was sent; an invalid place changes nothing."""
    index = sent.get("drop") if isinstance(sent, Mapping) else None
    chips = chosen_chips(filters, {})
    if not isinstance(index, int) or not 0 <= index < len(chips):
        return filters
    return without_chip(filters, chips[index])


def _by_name(found: Counter[str]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda item: item[0].casefold())


def _text_of(sent: Any, name: str) -> str:
    value = sent.get(name) if isinstance(sent, Mapping) else None
    return value[:MAX_VALUE_LENGTH] if isinstance(value, str) else ""

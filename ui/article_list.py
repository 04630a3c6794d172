"""The list of articles: searched, sorted, in groups, over time. Summaries in, HTML out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from rag import ArticleSummary, Source
from ui.html import base, format_month, render
from ui.words import say

ARTICLES_PER_PAGE = 100
# More bars than this would be too narrow for a finger: then each covers a longer period.
MAX_BARS = 36
# The number of articles is above each bar as long as there is room.
MAX_COUNTED_BARS = 18
# Months of a bar, from a month to a century.
BAR_MONTHS = (1, 12, 120, 1200)
PERIOD = re.compile(r"[0-9]{2,4}|[0-9]{4}-(0[1-9]|1[0-2])")


def _title(item: ArticleSummary) -> str:
    return item.source.title.casefold()


def _by_day(item: ArticleSummary, sign: int = -1) -> tuple[bool, int, str]:
    """By day, the latest first or, with ``sign`` 1, last; undated ones always last."""
    day = item.source.published
    return day is None, sign * day.toordinal() if day else 0, _title(item)


SORTS: Mapping[str, Callable[[ArticleSummary], Any]] = {
    "newest": _by_day,
    "oldest": lambda item: _by_day(item, 1),
    "title": _title,
    "longest": lambda item: (-item.characters, _title(item)),
}


class Grouping(NamedTuple):
    """A way to group: the heading of an article, and the order of the groups.

    ``key`` gets whether the oldest come first.
    """

    heading: Callable[[Source], str]
    key: Callable[[Source, bool], Any]


def _month(source: Source) -> str:
    return format_month(source.published) if source.published else say("no_date")


def _month_key(source: Source, oldest_first: bool) -> tuple[bool, int]:
    day = source.published
    return day is None, _month_number(day) * (1 if oldest_first else -1) if day else 0


def _by_name(name_of: Callable[[Source], str | None], unknown: str) -> Grouping:
    """Groups in the order of their names; those without one are last, headed by words of a key."""

    def key(source: Source, _: bool) -> tuple[bool, str, str]:
        name = name_of(source) or ""
        return not name, name.casefold(), name

    return Grouping(lambda source: name_of(source) or say(unknown), key)


GROUPINGS: Mapping[str, Grouping] = {
    "month": Grouping(_month, _month_key),
    "publisher": _by_name(lambda source: source.publisher, "unknown_publisher"),
    "category": _by_name(lambda source: source.category, "no_category"),
    "none": Grouping(lambda _: "", lambda source, _: 0),
}


class View(NamedTuple):
    """What a visitor asked to see.

    Attributes:
        words: Only articles with all of these in title, publisher, author, category or file name.
        sort: A key of `SORTS`.
        group: A key of `GROUPINGS`.
        period: The beginning of an ISO date: articles of that century, decade, year or month.
        page: Counts from 1; one that does not exist is the nearest.
    """

    words: str = ""
    sort: str = ""
    group: str = ""
    period: str = ""
    page: int = 1

    def known(self) -> View:
        """With the default in place of every value that there is not."""
        return self._replace(
            sort=self.sort if self.sort in SORTS else next(iter(SORTS)),
            group=self.group if self.group in GROUPINGS else next(iter(GROUPINGS)),
            period=self.period if PERIOD.fullmatch(self.period) else "",
        )

    def address(self, **changes: Any) -> str:
        """The address of the list with some of this changed, on its first page if not said."""
        wanted = self._replace(**{"page": 1, **changes})._asdict()
        named = {"search" if name == "words" else name: value for name, value in wanted.items()}
        defaults = {"sort": next(iter(SORTS)), "group": next(iter(GROUPINGS)), "page": 1}
        kept = {name: v for name, v in named.items() if v and v != defaults.get(name)}
        return f"{base()}/articles" + (f"?{urlencode(kept, errors='replace')}" if kept else "")


class Bar(NamedTuple):
    """A stretch of the timeline: what its ISO dates begin with, and the number of its articles."""

    period: str
    articles: int

    @property
    def label(self) -> str:
        return period_label(self.period)


def timeline(days: Sequence[date], period: str = "") -> list[Bar]:
    """Articles by month, or by the shortest longer period that gives at most `MAX_BARS`.

    A year, a decade or a century that is chosen is shown in the periods within it; a month with
    the months beside it.
    """
    within = [day for day in days if day.isoformat().startswith(period[:4])]
    for shown in (days, within):
        months = [_month_number(day) for day in shown]
        if not months:
            return []
        step = next(
            step
            for step in BAR_MONTHS
            if max(months) // step - min(months) // step < MAX_BARS or step == BAR_MONTHS[-1]
        )
        if step == 1 or not period:
            break
    counts = Counter(month // step for month in months)
    return [
        Bar(_beginning(number, step), counts[number])
        for number in range(min(counts), max(counts) + 1)
    ]


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _beginning(number: int, step: int) -> str:
    """What the ISO dates of a bar begin with."""
    year, month = divmod(number * step, 12)
    return f"{year:04}-{month + 1:02}" if step == 1 else f"{year:04}"[: 5 - len(str(step // 12))]


def period_label(period: str) -> str:
    """A period in words: ``March 2024``, ``2024``, ``2020–2029``."""
    year, _, month = period.partition("-")
    if month:
        return format_month(date(int(year), int(month), 1))
    first, last = year.ljust(4, "0"), year.ljust(4, "9")
    return first if first == last else f"{first}–{last}"


def timeline_html(articles: Sequence[ArticleSummary], view: View, found: int) -> Markup:
    """The timeline of articles, and the period that is chosen with the number found in it."""
    bars = timeline([a.source.published for a in articles if a.source.published], view.period)
    return render(
        "timeline.html",
        view=view,
        bars=bars if len(bars) > 1 or view.period else [],
        highest=max((bar.articles for bar in bars), default=1),
        are_counted=len(bars) <= MAX_COUNTED_BARS,
        period_label=period_label(view.period),
        found=found,
    )


def article_list_html(
    articles: Sequence[ArticleSummary],
    view: View,
    *,
    can_change: bool,
    collections: Mapping[str, Sequence[str]] | None = None,
    followed: int = 0,
) -> Markup:
    """One page of the list.

    Args:
        articles: All of the library.
        view: Which of them, and in what order.
        can_change: Whether this visitor may add and remove articles.
        collections: Ids of articles by the name that they were saved under.
        followed: The number of feeds and other lists that a refresh asks for.
    """
    view = view.known()
    grouping = GROUPINGS[view.group]
    matching = [item for item in articles if _matches(item.source, view.words)]
    found = [item for item in matching if _is_within(item.source, view.period)]
    found.sort(key=SORTS[view.sort])
    found.sort(key=lambda item: grouping.key(item.source, view.sort == "oldest"))
    pages = max(1, -(-len(found) // ARTICLES_PER_PAGE))
    view = view._replace(page=min(pages, max(1, view.page)))
    shown = found[(view.page - 1) * ARTICLES_PER_PAGE :][:ARTICLES_PER_PAGE]
    return render(
        "articles.html",
        view=view,
        groups=_grouped(shown, found, grouping),
        total=len(articles),
        sorts=list(SORTS),
        groupings=list(GROUPINGS),
        timeline=timeline_html(matching, view, len(found)),
        pages=pages,
        can_change=can_change,
        followed=followed,
        collections=[(name, len(ids)) for name, ids in (collections or {}).items()],
    )


def _grouped(
    shown: Sequence[ArticleSummary], found: Sequence[ArticleSummary], grouping: Grouping
) -> list[tuple[str, int, list[ArticleSummary]]]:
    """The groups of a page: heading, number of articles on all pages, and those shown."""
    counts = Counter(grouping.heading(item.source) for item in found)
    groups = groupby(shown, key=lambda item: grouping.heading(item.source))
    return [(heading, counts[heading], list(items)) for heading, items in groups]


def _is_within(source: Source, period: str) -> bool:
    day = source.published
    return not period or (day is not None and day.isoformat().startswith(period))


def _matches(source: Source, words: str) -> bool:
    known = (source.title, source.publisher, source.author, source.category, source.origin)
    text = " ".join(part for part in known if part).casefold()
    return all(word in text for word in words.casefold().split())

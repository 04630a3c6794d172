"""What restricts an answer: chips that can be removed, and the form that sets filters by hand.

Pure: filters, a trace and the values of the library in, HTML out. What a browser sends is checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from rag import Answer, ArticleSummary, Filters
from ui.html import format_day, render
from ui.words import say

# The fields of `rag.Filters` that are lists.
LISTS = ("publishers", "authors", "categories", "articles", "not_articles")
ARTICLES = ("articles", "not_articles")
DATES = ("after", "before")
MAX_LABEL_LENGTH = 60
# More articles than these share a chip.
MAX_ARTICLE_CHIPS = 3


class FilterChip(NamedTuple):
    """One restriction.

    Attributes:
        field: The field of `rag.Filters`, or ``days`` for both dates together.
        value: The value in that field; empty for all of them.
        label: What the visitor reads.
        from_question: Whether the question's words say it; else it was set by hand.
    """

    field: str
    value: str
    label: str
    from_question: bool = False


def chosen_chips(filters: Filters, titles: Mapping[str, str]) -> tuple[FilterChip, ...]:
    """The chips of filters that were set by hand."""
    found = [
        chip for field in LISTS for chip in _list_chips(field, getattr(filters, field, ()), titles)
    ]
    if filters.after or filters.before:
        found.append(FilterChip("days", "", format_period(filters.after, filters.before)))
    return tuple(found)


def _list_chips(field: str, values: Sequence[str], titles: Mapping[str, str]) -> list[FilterChip]:
    if field in ARTICLES and len(values) > MAX_ARTICLE_CHIPS:
        return [FilterChip(field, "", _chip_label(field, say("n_articles", n=len(values))))]
    return [FilterChip(field, value, _label(field, value, titles)) for value in values]


def parsed_chips(understood: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[FilterChip]:
    """The chips of what was understood of a question, as its trace reports it."""
    for group in understood.get("publishers", ()):
        yield FilterChip("publishers", group[0], _shortened(group[0]), from_question=True)
    for name in understood.get("missing_publishers", ()):
        label = say("not_in_library", name=_shortened(name))
        yield FilterChip("publishers", name, label, from_question=True)
    for field in ("authors", "categories", "articles"):
        for value in understood.get(field, ()):
            label = _label(field, value, titles)
            yield FilterChip(field, value, label, from_question=True)
    for period in understood.get("periods", ()):
        after, before = period.get("after"), period.get("before")
        label = format_period(_parse_day(after), _parse_day(before))
        yield FilterChip("days", f"{after or ''}..{before or ''}", label, from_question=True)


def chips_for(
    answer: Answer, filters: Filters, titles: Mapping[str, str]
) -> tuple[FilterChip, ...]:
    """Everything that restricted an answer, each thing once."""
    titles = {**titles, **{item.source.id: item.source.title for item in answer.evidence}}
    chosen = chosen_chips(filters, titles)
    labels = {chip.label for chip in chosen}
    parsed = parsed_chips(answer.trace.understood, titles)
    return (*chosen, *(chip for chip in parsed if chip.label not in labels))


def without_chip(filters: Filters, chip: FilterChip) -> Filters:
    """Filters without a chip; what the question says is ignored from there on."""
    if chip.from_question:
        ignoring = tuple(dict.fromkeys((*filters.ignoring, chip.value)))
        return replace(filters, ignoring=ignoring)
    if chip.field == "days":
        return replace(filters, after=None, before=None)
    values = getattr(filters, chip.field) if chip.value else ()
    remaining = tuple(value for value in values if value != chip.value)
    changes: dict[str, Any] = {chip.field: remaining}
    return replace(filters, **changes)


def filter_chips_html(
    chips: Sequence[FilterChip], turn_number: int | None, ignored: Sequence[str] = ()
) -> Markup:
    """The chips above an answer; with a turn's number they can be removed.

    ``ignored`` are labels of what the question says and what was not applied.
    """
    return render("filter_chips.html", chips=chips, turn_number=turn_number, ignored=ignored)


def format_period(after: date | None, before: date | None) -> str:
    """``3 March 2024``, ``since 1 March 2024``, ``1 March 2024 to 9 March 2024`` and the like."""
    if after and before:
        if after == before:
            return format_day(after)
        return say("period", first=format_day(after), last=format_day(before))
    if after:
        return say("since", day=format_day(after))
    return say("until", day=format_day(before)) if before else ""


def ignored_labels(filters: Filters, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The parts of a question that filters ignore, in words."""
    labels = []
    for value in filters.ignoring:
        after, dots, before = value.partition("..")
        period = format_period(_parse_day(after), _parse_day(before)) if dots else ""
        labels.append(period or _shortened(titles.get(value, value)))
    return tuple(labels)


def _label(field: str, value: str, titles: Mapping[str, str]) -> str:
    if field in ARTICLES:
        return _chip_label(field, say("quoted", text=_shortened(titles.get(value, value))))
    return _chip_label(field, _shortened(value))


def _chip_label(field: str, value: str) -> str:
    return say(f"chip_{field}", value=value)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_LABEL_LENGTH else text[: MAX_LABEL_LENGTH - 1].rstrip() + "…"


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


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

"""What restricts an answer, as chips that can be taken away: set by hand, or said in the question.

Pure: filters and a trace in, chips and HTML out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from rag import Answer, Filters
from ui.html import escape, format_day

# The lists of `rag.Filters` that a reader sees, and what each is called before its value.
LISTS: Mapping[str, str] = {
    "publishers": "",
    "authors": "by ",
    "categories": "about ",
    "articles": "in ",
    "not_articles": "not in ",
}
DAYS = ("after", "before")
MAX_LABEL_LENGTH = 60


class FilterChip(NamedTuple):
    """One restriction.

    ``field`` and ``value`` say which of `rag.Filters`; ``said`` is true for what was understood of
    the question's words.
    """

    field: str
    value: str
    label: str
    said: bool = False


def chosen_chips(filters: Filters, titles: Mapping[str, str]) -> tuple[FilterChip, ...]:
    """The chips of filters that were set by hand."""
    found = [
        FilterChip(field, value, lead + _named(field, value, titles))
        for field, lead in LISTS.items()
        for value in getattr(filters, field, ())
    ]
    if filters.after or filters.before:
        found.append(FilterChip("days", "", format_period(filters.after, filters.before)))
    return tuple(found)


def parsed_chips(understood: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[FilterChip]:
    """The chips of what was understood of a question, as its trace tells."""
    for group in understood.get("publishers", ()):
        yield FilterChip("publishers", group[0], _short(group[0]), said=True)
    for name in understood.get("missing_publishers", ()):
        yield FilterChip("publishers", name, f"{_short(name)} (not in this library)", said=True)
    for name in understood.get("authors", ()):
        yield FilterChip("authors", name, f"by {_short(name)}", said=True)
    for name in understood.get("categories", ()):
        yield FilterChip("categories", name, f"about {_short(name)}", said=True)
    for article in understood.get("articles", ()):
        yield FilterChip(
            "articles", article, f"in {_named('articles', article, titles)}", said=True
        )
    for period in understood.get("periods", ()):
        after, before = period.get("after"), period.get("before")
        label = format_period(_day(after), _day(before))
        yield FilterChip("days", f"{after or ''}..{before or ''}", label, said=True)


def chips_for(
    answer: Answer, filters: Filters, titles: Mapping[str, str]
) -> tuple[FilterChip, ...]:
    """Everything that restricted an answer, each thing once."""
    titles = {**titles, **{item.source.id: item.source.title for item in answer.evidence}}
    by_hand = chosen_chips(filters, titles)
    labels = {chip.label for chip in by_hand}
    said = parsed_chips(answer.trace.understood, titles)
    return (*by_hand, *(chip for chip in said if chip.label not in labels))


def without_chip(filters: Filters, chip: FilterChip) -> Filters:
    """Filters that no longer hold a chip; what was said is ignored from there on."""
    if chip.said:
        return replace(filters, ignoring=tuple(dict.fromkeys((*filters.ignoring, chip.value))))
    if chip.field == "days":
        return replace(filters, after=None, before=None)
    kept = tuple(value for value in getattr(filters, chip.field) if value != chip.value)
    return replace(filters, **{chip.field: kept})


def filter_chips_html(
    chips: Sequence[FilterChip], turn: int | None, ignored: Sequence[str] = ()
) -> str:
    """The chips above an answer; with a turn's number they can be removed.

    ``ignored`` are words for what the question said and did not count.
    """
    if not chips and not ignored:
        return ""
    items = [_chip_html(chip, place, turn) for place, chip in enumerate(chips)]
    items += [
        f'<li><span class="chip ignored"><span class="unseen">left out: </span>'
        f"<s>{escape(value)}</s></span></li>"
        for value in ignored
    ]
    return f'<ul class="chips" aria-label="Filters of this answer">{"".join(items)}</ul>'


def _chip_html(chip: FilterChip, place: int, turn: int | None) -> str:
    kind = "said" if chip.said else "set"
    hint = "understood from your question" if chip.said else "set by you"
    label = f'<span dir="auto">{escape(chip.label)}</span>'
    if turn is None:
        return f'<li><span class="chip {kind}" title="{hint}">{label}</span></li>'
    return (
        f'<li><button type="button" class="chip {kind}" data-turn="{turn}" data-chip="{place}" '
        f'title="{hint}; select to ask again without it">'
        f'<span class="unseen">Ask again without: </span>{label}'
        '<span class="cross" aria-hidden="true">×</span></button></li>'
    )


def format_period(after: date | None, before: date | None) -> str:
    """``March 2024``, ``since 1 March 2024``, ``1 to 9 March 2024`` and the like."""
    if after and before:
        if after == before:
            return format_day(after)
        return f"{format_day(after)} to {format_day(before)}"
    if after:
        return f"since {format_day(after)}"
    return f"until {format_day(before)}" if before else ""


def ignored_labels(filters: Filters, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What filters ignore of a question, as a reader would call it."""
    found = []
    for value in filters.ignoring:
        after, dots, before = value.partition("..")
        period = format_period(_day(after), _day(before)) if dots else ""
        found.append(period or _short(titles.get(value, value)))
    return tuple(found)


def _named(field: str, value: str, titles: Mapping[str, str]) -> str:
    if field in ("articles", "not_articles"):
        return f"“{_short(titles.get(value, value))}”"
    return _short(value)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_LABEL_LENGTH else text[: MAX_LABEL_LENGTH - 1].rstrip() + "…"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None

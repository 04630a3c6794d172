"""The control that sets filters by hand, with the values that the library has. Values in, HTML out.

The scripts are run by the page when the pieces are there; what they send is checked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from rag import ArticleSummary, Filters
from ui.filter_chips import DAYS, LISTS, chosen_chips, without_chip
from ui.html import escape

LABELS: Mapping[str, str] = {
    "publishers": "Publisher",
    "authors": "Author",
    "categories": "Category",
    "articles": "Article",
}
# A longer list of articles is no help; an article's own page leads here with it chosen.
MAX_LISTED_ARTICLES = 300
MAX_VALUE_LENGTH = 500
MAX_FILTER_VALUES = 50

# Gradio runs these with the piece as ``element``; ``trigger`` sends an event with its data.
FORM_SCRIPT = """
element.addEventListener('change', (event) => {
  const field = event.target.dataset.field;
  if (!field) return;
  trigger('input', { field: field, value: event.target.value });
  if (event.target.tagName === 'SELECT') event.target.value = '';
});
"""
ACTIVE_FILTERS_SCRIPT = """
element.addEventListener('click', (event) => {
  const chip = event.target.closest('button.chip');
  if (!chip) return;
  if (chip.dataset.field === 'days')
    for (const day of document.querySelectorAll('#filter input[type=date]')) day.value = '';
  trigger('select', { drop: Number(chip.dataset.chip) });
  document.querySelector('#question-box textarea')?.focus();
});
"""
CHIPS_SCRIPT = """
element.addEventListener('click', (event) => {
  const chip = event.target.closest('button.chip');
  if (!chip || document.querySelector('.turn[aria-busy]')) return;
  trigger('select', { turn: Number(chip.dataset.turn), chip: Number(chip.dataset.chip) });
});
"""


def filter_form_html(articles: Sequence[ArticleSummary]) -> str:
    """The folded form; nothing where there is nothing to choose between."""
    sources = [item.source for item in articles]
    choices = {
        "publishers": Counter(source.publisher for source in sources if source.publisher),
        "authors": Counter(source.author for source in sources if source.author),
        "categories": Counter(source.category for source in sources if source.category),
    }
    known = {field.name for field in fields(Filters)}
    rows = [
        _select_html(field, [(name, f"{name} ({count})") for name, count in _sorted(found)])
        for field, found in choices.items()
        if field in known and len(found) > 1
    ]
    if 1 < len(sources) <= MAX_LISTED_ARTICLES:
        titles = sorted((source.title, source.id) for source in sources)
        rows.append(_select_html("articles", [(key, title) for title, key in titles]))
    days = sorted(source.published for source in sources if source.published)
    if days and days[0] < days[-1]:
        rows += [_day_html(field, days[0], days[-1]) for field in DAYS]
    if not rows:
        return ""
    return (
        '<details class="filter"><summary>Filter</summary>'
        '<div class="filter-form" role="group" aria-label="Which articles may answer">'
        f"{''.join(rows)}</div></details>"
    )


def _sorted(found: Counter[str]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda item: item[0].casefold())


def _select_html(field: str, choices: Sequence[tuple[str, str]]) -> str:
    options = "".join(
        f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in choices
    )
    return (
        f'<label>{LABELS[field]}<select data-field="{field}">'
        f'<option value="">Any</option>{options}</select></label>'
    )


def _day_html(field: str, first: date, last: date) -> str:
    label = "From" if field == "after" else "Until"
    return (
        f'<label>{label}<input type="date" data-field="{field}" min="{first}" max="{last}"></label>'
    )


def active_filters_html(filters: Filters, titles: Mapping[str, str]) -> str:
    """The filters in force for the next question, each with a way to take it away."""
    chips = chosen_chips(filters, titles)
    if not chips:
        return ""
    rows = "".join(
        f'<li><button type="button" class="chip set" data-chip="{place}" '
        f'data-field="{escape(chip.field)}"><span class="unseen">Remove filter: </span>'
        f'<span dir="auto">{escape(chip.label)}</span>'
        '<span class="cross" aria-hidden="true">×</span></button></li>'
        for place, chip in enumerate(chips)
    )
    return f'<ul class="chips" aria-label="Filters of the next question">{rows}</ul>'


def apply_form_change(filters: Filters, sent: Any) -> Filters:
    """Filters after something was chosen in the form; what makes no sense changes nothing."""
    field, value = _texts(sent, "field", "value")
    if field in DAYS:
        try:
            return replace(filters, **{field: date.fromisoformat(value) if value else None})
        except ValueError:
            return filters
    if field not in LISTS or not hasattr(filters, field) or not value:
        return filters
    values = tuple(dict.fromkeys((*getattr(filters, field), value)))
    return replace(filters, **{field: values[:MAX_FILTER_VALUES]})


def remove_filter(filters: Filters, sent: Any) -> Filters:
    """Filters without the chip that was chosen."""
    place = sent.get("drop") if isinstance(sent, Mapping) else None
    chips = chosen_chips(filters, {})
    if not isinstance(place, int) or not 0 <= place < len(chips):
        return filters
    return without_chip(filters, chips[place])


def _texts(sent: Any, *names: str) -> list[str]:
    found = [sent.get(name) if isinstance(sent, Mapping) else None for name in names]
    return [item[:MAX_VALUE_LENGTH] if isinstance(item, str) else "" for item in found]

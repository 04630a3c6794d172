"""Filters as chips and as a form, and what a visitor may do with them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import ArticleSummary, Filters, Source
from ui.filters import (
    active_filters_html,
    apply_form_change,
    chosen_chips,
    filter_chips_html,
    filter_form_html,
    format_period,
    parsed_chips,
    remove_filter,
    without_chip,
)

FULL = Filters(
    publishers=("Esk Times", "Tarn Post"),
    after=date(2024, 3, 1),
    before=date(2024, 3, 31),
    articles=("a1",),
    not_articles=("a2",),
    categories=("sport",),
)


def test_every_filter_is_a_chip_and_taking_all_away_leaves_none() -> None:
    chips = chosen_chips(FULL, {"a1": "One"})
    assert [chip.label for chip in chips] == [
        "Esk Times",
        "Tarn Post",
        "about sport",
        "in “One”",
        "not in “a2”",
        "1 March 2024 to 31 March 2024",
    ]
    filters = FULL
    for chip in chips:
        filters = without_chip(filters, chip)
    assert filters == Filters()
    assert (
        chosen_chips(filters, {}) == ()
        and filter_chips_html((), 1) == ""
        and active_filters_html(filters, {}) == ""
    )


def test_what_was_understood_is_ignored_from_there_on() -> None:
    understood = {
        "publishers": [["Esk Times", "Esk Times | Sport"]],
        "missing_publishers": ["Reuters"],
        "authors": ["Lena Voss"],
        "periods": [{"after": "2024-03-01", "before": None}],
    }
    chips = tuple(parsed_chips(understood, {}))
    assert [chip.label for chip in chips] == [
        "Esk Times",
        "Reuters (not in this library)",
        "by Lena Voss",
        "since 1 March 2024",
    ]
    filters = Filters()
    for chip in chips:
        filters = without_chip(without_chip(filters, chip), chip)
    assert filters.ignoring == ("Esk Times", "Reuters", "Lena Voss", "2024-03-01..")


@pytest.mark.parametrize(
    ("after", "before", "words"),
    [
        (date(2024, 3, 1), date(2024, 3, 1), "1 March 2024"),
        (None, date(2024, 3, 1), "until 1 March 2024"),
        (date(2024, 3, 1), None, "since 1 March 2024"),
        (None, None, ""),
    ],
)
def test_periods_in_words(after: date | None, before: date | None, words: str) -> None:
    assert format_period(after, before) == words


def test_choosing_in_the_form() -> None:
    filters = apply_form_change(Filters(), {"field": "publishers", "value": "Esk Times"})
    filters = apply_form_change(filters, {"field": "publishers", "value": "Esk Times"})
    filters = apply_form_change(filters, {"field": "after", "value": "2024-03-01"})
    assert filters == Filters(publishers=("Esk Times",), after=date(2024, 3, 1))
    assert apply_form_change(filters, {"field": "after", "value": ""}).after is None
    assert remove_filter(filters, {"drop": 0}) == Filters(after=date(2024, 3, 1))


NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["field", "value", "drop", "x"])
            | st.sampled_from([*Filters.__dataclass_fields__]),
            inner | st.sampled_from([*Filters.__dataclass_fields__, "2024-13-01"]),
        )
    ),
    max_leaves=6,
)


@given(NONSENSE)
def test_what_a_browser_sends_is_never_trusted(sent: object) -> None:
    for change in (apply_form_change, remove_filter):
        after = change(FULL, sent)
        assert isinstance(after, Filters)
        assert all(isinstance(value, str) for value in after.publishers + after.articles)
        assert after.ignoring == ()


@pytest.mark.parametrize(
    "sent",
    [
        {"field": "publishers", "value": ""},
        {"field": "publishers", "value": ["x"]},
        {"field": "ignoring", "value": "x"},
        {"field": "allows", "value": "x"},
        {"field": "after", "value": "2024-02-30"},
        {"drop": -1},
        {"drop": 99},
        {"drop": "0"},
        None,
        "x",
    ],
)
def test_what_makes_no_sense_changes_nothing(sent: object) -> None:
    assert apply_form_change(FULL, sent) == FULL and remove_filter(FULL, sent) == FULL


def test_the_form_offers_what_the_library_tells_apart() -> None:
    assert filter_form_html(()) == ""
    days = (date(2024, 3, 1), date(2024, 3, 9))
    listed = [
        ArticleSummary(
            Source(f"{n}", f"T{n}", origin="o", publisher=f"P{n}", category="news", published=day),
            *(1, 1),
        )
        for n, day in enumerate(days)
    ]
    form = filter_form_html(listed)
    assert '<option value="P0">P0 (1)</option>' in form and '<option value="0">T0</option>' in form
    assert 'min="2024-03-01" max="2024-03-09"' in form and "Category" not in form
    assert filter_form_html(listed[:1]) == ""

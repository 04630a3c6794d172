"""Metrics against numbers worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import (
    Estimate,
    balanced_accuracy,
    contains,
    contains_any,
    percentile,
    rate,
)


def hits(true: int, of: int) -> list[bool]:
    return [True] * true + [False] * (of - true)


def test_rate_of_ten_with_its_interval() -> None:
    # Of the 1,024 equally likely resamples of 5 in 10, 11 have at most one hit (1.1 %) and 56 at
    # most two (5.5 %): the 2.5 % quantile is 2 of 10, and 8 of 10 is its mirror.
    assert rate(hits(5, 10)) == Estimate(0.5, 0.2, 0.8, 10)


def test_rate_of_one_has_an_interval_without_width() -> None:
    assert rate(hits(7, 7)) == Estimate(1.0, 1.0, 1.0, 7)
    assert rate(hits(0, 3)) == Estimate(0.0, 0.0, 0.0, 3)


def test_a_share_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        rate([])
    with pytest.raises(ValueError, match="nothing"):
        balanced_accuracy([True], [])
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_balanced_accuracy_weighs_both_groups_alike() -> None:
    # (3/4 + 1/2) / 2, although the groups differ in size.
    estimate = balanced_accuracy(hits(3, 4), hits(1, 2))
    assert (estimate.value, estimate.n) == (0.625, 6)
    assert estimate.low < 0.625 < estimate.high


def test_balanced_accuracy_of_refusing_everything_is_a_half() -> None:
    assert balanced_accuracy(hits(0, 90), hits(40, 40)).value == 0.5


@given(st.integers(1, 200), st.floats(0, 1))
def test_an_interval_holds_its_share_and_is_the_same_each_time(n: int, share: float) -> None:
    outcomes = hits(round(share * n), n)
    estimate = rate(outcomes)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate == rate(outcomes)


def test_an_interval_narrows_with_more_questions() -> None:
    few, many = rate(hits(8, 10)), rate(hits(800, 1000))
    assert many.high - many.low < few.high - few.low
    # Normal approximation: 0.8 ± 1.96 * sqrt(0.8 * 0.2 / 1000) = 0.8 ± 0.0248.
    assert (many.low, many.high) == (
        pytest.approx(0.775, abs=0.003),
        pytest.approx(0.825, abs=0.003),
    )


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5, 1, 4, 2, 3], 0.5, 3),
        ([4, 1, 3, 2], 0.5, 2),
        (list(range(1, 21)), 0.95, 19),
        (list(range(1, 22)), 0.95, 20),
        ([7.5], 0.95, 7.5),
        ([3, 1, 2], 0.0, 1),
    ],
)
def test_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("Nvidia’s stock", "so NVIDIA's  stock fell", True),
        ("1.8 trillion", "its 1.8\ntrillion parameters", True),
        ("$40 billion", "raised $40 billion.", True),
        ("NASA", "NASA’s decision", True),
        ("“focused on winning”", 'is "focused on winning" there', True),
        ("1.5 billion", "all of 11.5 billion", False),
        ("1.5 billion", "11.5 billion, or 1.5 billion", True),
        ("R1", "the R10 model", False),
        ("R1", "(R1)", True),
        ("open source", "open-source", False),
        ("board ousted", "the board had ousted", False),
        ("", "anything", False),
    ],
)
def test_contains(phrase: str, text: str, expected: bool) -> None:
    assert contains(phrase, text) is expected


def test_one_phrase_is_enough() -> None:
    assert contains_any(["Mars", "Abilene, Texas"], "in Abilene, Texas")
    assert not contains_any([], "in Abilene, Texas")

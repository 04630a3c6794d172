"""Mean and deviation of scores; near-copies are thinned."""

from __future__ import annotations

from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.fusion import Ranked, mean_and_deviation
from rag.retrieval.near_duplicates import drop_near_duplicates


@given(st.lists(st.floats(-100, 100), min_size=1))
def test_spread(scores: list[float]) -> None:
    assert mean_and_deviation(scores) == pytest.approx((fmean(scores), pstdev(scores)), abs=1e-6)


def test_near_copies_are_thinned() -> None:
    texts = {
        "a": "The harbour bridge reopened on Monday after a year of repairs, the city said.",
        "b": "The harbour bridge reopened on Monday after a year of repairs, the city says.",
        "c": "A new library opened in the north of the town last week with ten thousand books.",
    }
    ranked = [Ranked(key, 3.0 - n, ("dense",)) for n, key in enumerate("abc")]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 3)] == ["a", "c"]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 1)] == ["a"]

"""Standardised scores are added; near-copies are thinned."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import Hit, Ranked, fuse, standardize, thin

HITS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(-100, 10_000).map(lambda n: n / 100)),
    unique_by=lambda hit: hit[0],
).map(lambda hits: sorted((Hit(*hit) for hit in hits), key=lambda hit: -hit.score))


def test_worked_by_hand() -> None:
    # dense: mean .5, deviation .1 -> a 1, b -1; keyword: mean 6, deviation 2 -> b 1, c -1
    ranked = fuse(
        {"dense": [Hit("a", 0.6), Hit("b", 0.4)], "keyword": [Hit("b", 8.0), Hit("c", 4.0)]},
        {"dense": 1.0, "keyword": 2.0},
    )
    assert [item.passage_id for item in ranked] == ["b", "a", "c"]
    scores = {item.passage_id: item.score for item in ranked}
    assert math.isclose(scores["b"], -1 + 2)
    assert math.isclose(scores["a"], 1 - 2)  # not found by keyword: counts as the last one there
    assert math.isclose(scores["c"], -1 - 2)
    assert ranked[0].found_by == ("dense", "keyword")
    assert ranked[1].found_by == ("dense",)


def test_standardize_equal_scores() -> None:
    assert standardize([3.0, 3.0]) == [0.0, 0.0]


@given(HITS, HITS)
def test_every_hit_once_and_in_order(dense: list[Hit], keyword: list[Hit]) -> None:
    ranked = fuse({"dense": dense, "keyword": keyword})
    assert {item.passage_id for item in ranked} == {hit.passage_id for hit in dense + keyword}
    assert len({item.passage_id for item in ranked}) == len(ranked)
    assert [item.score for item in ranked] == sorted((i.score for i in ranked), reverse=True)


@given(HITS)
def test_one_arm_alone_keeps_its_order(hits: list[Hit]) -> None:
    by_score = {hit.passage_id: hit.score for hit in hits}
    fused = [by_score[item.passage_id] for item in fuse({"dense": hits, "keyword": []})]
    assert fused == sorted(fused, reverse=True)


def test_near_copies_are_thinned() -> None:
    texts = {
        "a": "The harbour bridge reopened on Monday after a year of repairs, the city said.",
        "b": "The harbour bridge reopened on Monday after a year of repairs, the city says.",
        "c": "A new library opened in the north of the town last week with ten thousand books.",
    }
    ranked = [Ranked(key, 3.0 - n, ("dense",)) for n, key in enumerate("abc")]
    assert [item.passage_id for item in thin(ranked, texts, 3)] == ["a", "c"]
    assert [item.passage_id for item in thin(ranked, texts, 1)] == ["a"]

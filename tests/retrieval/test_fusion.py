"""Fused scores: dense and keyword hits, clauses, sides and days."""

from __future__ import annotations

from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.fusion import (
    Ranked,
    RankingHints,
    Told,
    drop_copies,
    drop_near_duplicates,
    fuse_scores,
    mean_and_deviation,
)
from rag.store.records import Hit


def ids(*args: object) -> list[str]:
    return [item.passage_id for item in fuse_scores(*args)]  # type: ignore[arg-type]


HITS = {
    "dense": [Hit("a:0-9", 0.9), Hit("b:0-9", 0.5), Hit("c:0-9", 0.1)],
    "keyword": [Hit("a:0-9", 9.0), Hit("a:9-12", 8.0), Hit("b:0-9", 5.0), Hit("c:0-9", 1.0)],
}


def test_dense_and_keyword_hits_count() -> None:
    assert ids(HITS, [], [], RankingHints()) == ["a:0-9", "a:9-12", "b:0-9", "c:0-9"]


def test_sides_round_robin_and_the_rest_follows() -> None:
    sides = (frozenset({"c"}), frozenset({"a"}))
    found = ids(HITS, [], [], RankingHints(sides=sides))
    assert found == ["a:0-9", "c:0-9", "a:9-12", "b:0-9"]


def test_a_side_without_passages_takes_no_turn() -> None:
    found = ids(HITS, [], [], RankingHints(sides=(frozenset({"z"}), frozenset({"b"}))))
    assert found[0] == "b:0-9"


def test_the_best_clause_lifts_its_passage() -> None:
    clause = [Hit("c:0-9", 9.0), *(Hit(f"z:{n}-{n + 1}", 1.0) for n in range(20))]
    assert ids(HITS, [], [clause], RankingHints())[0] == "c:0-9"


def test_favoured_days_break_near_ties() -> None:
    hits = {"dense": [], "keyword": [Hit("a:0-9", 5.1), Hit("b:0-9", 5.0), Hit("c:0-9", 0.0)]}
    assert ids(hits, [], [], RankingHints())[0] == "a:0-9"
    assert ids(hits, [], [], RankingHints(boosted=frozenset({"b"})))[0] == "b:0-9"


def test_hits_of_a_side_alone_are_candidates() -> None:
    sides = (frozenset({"y"}),)
    assert ids(HITS, [[Hit("y:0-3", 0.5)]], [], RankingHints(sides=sides))[0] == "y:0-3"


def test_nothing_found_is_nothing() -> None:
    assert ids({"dense": [], "keyword": []}, [], [], RankingHints(sides=(frozenset({"a"}),))) == []


def test_a_word_that_one_passage_alone_holds_counts() -> None:
    dense = [Hit(f"a:{n}-{n + 1}", 0.5 - n / 100) for n in range(20)]
    hits = {"dense": dense, "keyword": [Hit("a:12-13", 5.0)]}
    assert ids(hits, [], [], RankingHints())[0] == "a:12-13"


def test_what_was_found_late_is_not_worse_off_than_what_was_not_found() -> None:
    # Both have the same words; the vectors found one of them beyond the reference, the other not.
    first = [Hit(f"z:{n}-{n + 1}", 0.9 - n / 1000) for n in range(100)]
    dense = [*first, *(Hit(f"y:{n}-{n + 1}", 0.2 - n / 1000) for n in range(50))]
    keyword = [Hit("a:0-9", 9.0), Hit("y:49-50", 9.0), Hit("z:0-1", 1.0), Hit("z:1-2", 0.5)]
    found = fuse_scores({"dense": dense, "keyword": keyword}, [], [], RankingHints())
    score = {item.passage_id: item.score for item in found}
    assert score["y:49-50"] == score["a:0-9"]


@given(st.lists(st.floats(-100, 100), min_size=1))
def test_mean_and_deviation(scores: list[float]) -> None:
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


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("The north pier of the harbour was built by Petra Olsen in 1911", "1934"),
        ("In the last week of May the old ferry carried cars from Lindau to Arbon", "Bregenz"),
    ],
)
def test_short_texts_that_differ_in_a_word_are_no_copies(text: str, changed: str) -> None:
    texts = {"a": text, "b": f"{text.rsplit(' ', 1)[0]} {changed}", "c": f"{text.upper()}."}
    ranked = [Ranked(key, 3.0 - n, ("dense",)) for n, key in enumerate("abc")]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 3)] == ["a", "b"]


def test_of_copies_that_are_cut_at_other_places_one_article_is_left() -> None:
    first, second, own = (
        "The harbour bridge reopened on Monday after a year of repairs, the city said.",
        "Boats may pass below it again from six in the morning until ten at night.",
        "The mayor, who crossed it first, keeps eleven hives of bees on its northern pier.",
    )
    texts = {"a1": first, "b1": f"{first} {second}", "c1": second, "a2": second, "b2": own}

    def told(passage: str) -> Told:
        return Told(passage[0], "bridge" if passage[0] in "ab" else passage[0], texts[passage])

    assert drop_copies(list(texts), told) == ["a1", "c1", "a2", "b2"]
    assert drop_copies(["b1", "a1", "a2", "b2"], told) == ["b1", "b2"]

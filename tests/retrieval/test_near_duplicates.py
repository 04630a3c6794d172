"""Near-copies of a passage are left out of the results."""

from __future__ import annotations

from rag.retrieval.fusion import Ranked
from rag.retrieval.near_duplicates import drop_near_duplicates


def test_near_copies_are_thinned() -> None:
    texts = {
        "a": "The harbour bridge reopened on Monday after a year of repairs, the city said.",
        "b": "The harbour bridge reopened on Monday after a year of repairs, the city says.",
        "c": "A new library opened in the north of the town last week with ten thousand books.",
    }
    ranked = [Ranked(key, 3.0 - n, ("dense",)) for n, key in enumerate("abc")]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 3)] == ["a", "c"]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 1)] == ["a"]

"""Near-copies of a passage are left out of the results."""

from __future__ import annotations

from rag.retrieval.fusion import Ranked
from rag.retrieval.near_duplicates import Told, drop_copies, drop_near_duplicates


def test_near_copies_are_thinned() -> None:
    texts = {
        "a": "The harbour bridge reopened on Monday after a year of repairs, the city said.",
        "b": "The harbour bridge reopened on Monday after a year of repairs, the city says.",
        "c": "A new library opened in the north of the town last week with ten thousand books.",
    }
    ranked = [Ranked(key, 3.0 - n, ("dense",)) for n, key in enumerate("abc")]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 3)] == ["a", "c"]
    assert [item.passage_id for item in drop_near_duplicates(ranked, texts, 1)] == ["a"]


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

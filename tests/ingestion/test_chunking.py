"""Passages hold every sentence whole, in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import text as texts
from rag.ingestion.chunking import chunk
from rag.types import Article

SENTENCE = st.builds(
    lambda words, end: " ".join(words).capitalize() + end,
    st.lists(st.sampled_from(["the", "same", "words", "again", "né", "漢字", "1.5"]), min_size=1),
    st.sampled_from([".", "!", "?", "”", ""]),
)
TEXTS = (
    st.lists(SENTENCE | st.just("A Heading") | st.just("Again and again."), max_size=30)
    .flatmap(
        lambda parts: st.lists(
            st.sampled_from([" ", "\n\n"]), min_size=len(parts), max_size=len(parts)
        ).map(lambda gaps: "".join(p + g for p, g in zip(parts, gaps, strict=True)))
    )
    .map(str.strip)
)


def count(pieces: Sequence[str]) -> list[int]:
    return [len(piece.split()) for piece in pieces]


def article(text: str) -> Article:
    return Article.build(text, title="T", origin="o")


@given(TEXTS | st.text(max_size=300), st.integers(2, 40), st.integers(0, 10))
def test_invariants(text: str, most: int, overlap: int) -> None:
    made = article(text)
    passages = chunk(made, count, most=most, overlap=min(overlap, most - 1))
    starts = [p.start for p in passages]
    assert starts == sorted(set(starts))
    assert all(made.text[p.start : p.end] == p.text for p in passages)
    for sentence in texts.sentences(text):
        if len(text[sentence.start : sentence.end].split()) > 2 * most:
            continue
        assert any(p.start <= sentence.start and sentence.end <= p.end for p in passages)


@given(TEXTS, st.integers(5, 40))
def test_only_a_single_sentence_breaks_the_budget(text: str, most: int) -> None:
    for passage in chunk(article(text), count, most=most, overlap=2):
        spans = texts.sentences(passage.text)
        body = [s for s in spans if not texts.is_heading(passage.text[s.start : s.end])]
        assert len(passage.text.split()) <= most or len(body) <= 1


def test_empty_and_one_word() -> None:
    assert chunk(article(""), count) == ()
    assert [p.text for p in chunk(article("Word"), count)] == ["Word"]


def test_neighbours_share_whole_sentences() -> None:
    text = " ".join(f"Sentence number {n} has six words." for n in range(20))
    passages = chunk(article(text), count, most=24, overlap=6)
    for one, other in pairwise(passages):
        shared = text[other.start : one.end]
        assert shared.startswith("Sentence") and shared.endswith(".")
        assert len(shared.split()) == 6


def test_a_heading_goes_with_what_follows() -> None:
    body = "It has words that fill a passage up to its very brim, nearly. "
    text = (body * 2).strip() + "\n\nThe Next Part\n\n" + (body * 2).strip()
    passages = chunk(article(text), count, most=26, overlap=0)
    assert not any(p.text.endswith("The Next Part") for p in passages)
    assert any(p.text.startswith("The Next Part\n\nIt has") for p in passages)


def test_a_long_list_of_short_lines_is_cut() -> None:
    text = "\n\n".join(f"Item {n}" for n in range(50))
    assert all(len(p.text.split()) <= 20 for p in chunk(article(text), count, most=20, overlap=0))


@pytest.mark.parametrize("joint", [", ", " ", "，"])
def test_text_without_a_sentence_end_is_cut(joint: str) -> None:
    text = joint.join(f"item {n} weighs {3 * n} grams" for n in range(400))

    def letters(pieces: Sequence[str]) -> list[int]:
        return [len(piece) // 4 for piece in pieces]

    passages = chunk(article(text), letters, most=60, overlap=0)
    assert all(len(p.text) // 4 <= 60 for p in passages)
    assert "".join(p.text for p in passages).replace(" ", "") == text.replace(" ", "")
    if joint != " ":
        assert all(p.text.endswith(("grams", joint.strip())) for p in passages)


def test_text_without_spaces_is_cut() -> None:
    passages = chunk(article("x" * 5_000), lambda p: [len(each) for each in p], most=40, overlap=0)
    assert "".join(p.text for p in passages) == "x" * 5_000
    assert max(len(p.text) for p in passages) <= 40


@pytest.mark.parametrize(("most", "overlap"), [(10, 10), (10, -1)])
def test_impossible_budgets(most: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        chunk(article("Words."), count, most=most, overlap=overlap)

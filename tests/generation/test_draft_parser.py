"""Citation marks in drafts: every form is parsed, none remains in the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import ATTACKS, lines_of
from rag.generation.draft_parser import MARK, DraftSentence, parse_draft


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("It rained [1].", [("It rained.", (1,))]),
        ("It rained. [1] It snowed.[2][3]", [("It rained.", (1,)), ("It snowed.", (2, 3))]),
        ("It rained [1, 2] and [2-4] snowed.", [("It rained and snowed.", (1, 2, 3, 4))]),
        ("It rained【1】. It snowed¹².", [("It rained.", (1,)), ("It snowed.", (12,))]),
        ("It rained (Source 2).", [("It rained.", (2,))]),
        ("It rained.\n[2] It snowed.", [("It rained.", ()), ("It snowed.", (2,))]),
        ("[1] It rained.", [("It rained.", (1,))]),
        ("In [2024] it rained.", [("In [2024] it rained.", ())]),
        ("The list a[1] was empty [2].", [("The list a[1] was empty.", (2,))]),
        ("- **One** thing [1]\n- two", [("One thing", (1,)), ("two", ())]),
        ("## Head\n1. First.", [("Head", ()), ("First.", ())]),
        ("[1] [2] [3]", []),
        ("", []),
        ("It\x00 rained\u202e. [1]", [("It rained.", (1,))]),
        ("Rain [1](https://example.com/x).", [("Rain.", (1,))]),
    ],
)
def test_marks(draft: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert parse_draft(draft) == tuple(DraftSentence(*item) for item in expected)


@given(st.text(alphabet="[]12,- ¹【】(Source).\nAb*", max_size=120))
def test_no_mark_is_left(draft: str) -> None:
    for sentence in parse_draft(draft):
        assert sentence.text == sentence.text.strip()
        assert len(set(sentence.marks)) == len(sentence.marks)


@given(st.lists(st.sampled_from(["Rain fell", " [1]", " [2, 3]", "【4】", ". ", "Snow"])))
def test_complete_marks_never_remain(pieces: list[str]) -> None:
    for sentence in parse_draft("".join(pieces)):
        assert not MARK.search(sentence.text)


def test_long_drafts() -> None:
    draft = "It rained [1]. " * 20_000
    assert len(parse_draft(draft)) == 20_000


def test_forged_marks_are_read_as_listed() -> None:
    """What a draft names is taken down; whether such evidence exists is for the check to say."""
    for line in lines_of(ATTACKS / "citation_forgery.jsonl"):
        case = json.loads(line)
        if "dropped" not in case["expected"] or case["kind"].startswith("bracket"):
            continue
        named = {str(mark) for s in parse_draft(case["model_output"]) for mark in s.marks}
        listed = {*case["expected"]["kept"], *case["expected"]["dropped"]}
        assert named == listed, case["id"]

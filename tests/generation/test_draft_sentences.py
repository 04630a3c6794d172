"""Citation marks in drafts: every form is parsed, none remains in the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import ATTACKS, lines_of
from rag.generation.citation_marks import MARK
from rag.generation.draft_sentences import DraftParser, DraftSentence, parse_draft


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
    assert [(each.text, each.marks) for each in parse_draft(draft)] == expected


@pytest.mark.parametrize(
    "mark",
    [
        *(" [Source: 2]", " [article 2]", " [citation:2]", " [ref. 2]", "<sup>2</sup>", "[[2]]"),
        *(" <sup>[2]</sup>", " (2)", " (see passage 2)", " (Article: 2)", "²", "【2†source】"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 200])
def test_every_form_of_mark_is_read_and_none_is_shown(mark: str, size: int) -> None:
    draft = f"The ferry was closed at night{mark}. It opened in March{mark}."
    parser = DraftParser()
    pieces = [draft[start : start + size] for start in range(0, len(draft), size)]
    found = [each for piece in pieces for each in parser.feed(piece)] + [*parser.close()]
    said = [("The ferry was closed at night.", (2,)), ("It opened in March.", (2,))]
    assert [(each.text, each.marks) for each in found] == said


@pytest.mark.parametrize(
    "text",
    [
        "The score lies in the range [0, 100] by design.",
        "A cell measures 10⁻⁶ m, the wood 48 km², the timber 9,300 m³.",
        "There are 10² trees, and CO₂ fell by x² per cent.",
        "The key space has 2**10 entries and snake_case names.",
        "It has three (3) doors and opened in [2024].",
    ],
)
def test_digits_of_a_text_are_no_marks(text: str) -> None:
    assert parse_draft(text) == (DraftSentence(text, ()),)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("**Answer:** It rained [1].", ["It rained."]),
        ("It rained [1].\n\n**Sources:**\n1. Weather report\n2. Another\n", ["It rained."]),
        ("It rained [^1].\n\n[^1]: Weather report", ["It rained."]),
        ("It rained.\n0123456789abcdef end of article\nIt snowed.", ["It rained.", "It snowed."]),
        ("In ⟨12⟩ of the treaty it rained [1].", ["In [12] of the treaty it rained."]),
    ],
)
def test_labels_lists_of_sources_and_fences_are_left_out(draft: str, expected: list[str]) -> None:
    assert [each.text for each in parse_draft(draft)] == expected


def test_markdown_is_taken_off_the_text_and_noted_beside_it() -> None:
    draft = "## Mills\n\nTwo mills:\n- **Alder** pumps [1]\n1. Birch too.\n| Elm | 3 [2] |\nEnd."
    found = [(each.text, each.block) for each in parse_draft(draft)]
    assert found == [
        ("Mills", "heading"),
        ("Two mills:", "paragraph"),
        ("Alder pumps", "item"),
        ("Birch too.", "numbered"),
        ("Elm – 3", "row"),
        ("End.", ""),
    ]


def test_only_the_names_of_columns_are_a_heading_of_a_table() -> None:
    draft = "| Tree | Mills |\n|:--|--:|\n| Elm | 3 |\n|  |  |\n| Ash | 4 |\n\n| Oak | 5 |\n"
    assert [(each.text, each.block) for each in parse_draft(draft)] == [
        ("Tree – Mills", "heading"),
        ("Elm – 3", "row"),
        ("Ash – 4", "row"),
        ("Oak – 5", "row"),
    ]


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

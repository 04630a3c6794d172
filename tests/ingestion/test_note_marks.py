"""Footnotes, and what Obsidian adds to Markdown: their words stay, the marks do not."""

from __future__ import annotations

import time

import pytest

from rag.ingestion.markdown import plain_text


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("The [[Vesla]] and [[Lists/Rings.md|the list]].", ["The Vesla and the list."]),
        ("See ![[map.png]] and [[#Rings]].", ["See and Rings."]),
        ("Nine ==nests *fell*== here.", ["Nine nests fell here."]),
        ("Seen %%ask Tom first%% by boat. ^nests-1", ["Seen by boat."]),
        ("Above.\n%%\nIn private.\n\nAlso this.\n%%\nBelow.", ["Above.", "Below."]),
        (
            "High.[^1] Wide.[^b]\n\n[^1]: Tape.\n[^b]: By\n  eye.",
            ["High. Wide.", "Tape.", "By eye."],
        ),
        ("> [!note]- Method\n> From the bank.", ["Method", "From the bank."]),
    ],
)
def test_marks_of_notes_are_read(markdown: str, expected: list[str]) -> None:
    assert list(plain_text(markdown).paragraphs) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The index A[[1]] is 5%% and then 6%% of it.",
        "It excludes [^a-z], and [^1] is no footnote.",
        "If a == b and c == d, then x==y==z.",
        "Raised to ^2 here, 3 ^2",
        "A quotation [!note] in a line.",
    ],
)
def test_signs_that_are_no_marks_stay(text: str) -> None:
    assert list(plain_text(text).paragraphs) == [text]
    assert list(plain_text(f"`[[ %%x%% ==y== {text[0]}`").paragraphs) == [
        f"[[ %%x%% ==y== {text[0]}"
    ]


def test_comments_that_do_not_end_hide_nothing() -> None:
    assert list(plain_text("%% Load\n\ntext\n\n%% Plot\n\nmore").paragraphs) == [
        *("%% Load", "text", "%% Plot", "more")
    ]


@pytest.mark.parametrize(
    "mark", ["%%", "==a", "[^", "%%a\n\n", "[^1]: \n", "[[a|", " ^a", "%% x\n"]
)
def test_many_marks_take_linear_time(mark: str) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        plain_text(mark * count)
        return time.process_time() - started

    seconds(10)
    assert seconds(8_000) < 8 * seconds(2_000) + 0.5

"""Reasoning never becomes part of an answer, and JSON is unwrapped, wherever pieces are cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generation.base import Retract
from rag.generation.output_cleaning import ReasoningFilter, unwrap, unwrap_stream

THOUGHT = "They ask when. 1999 < 2000, so <b>no</b>. "
ANSWER = "It opened in 1932 [1]. If a < b, say so. </b> stays, <thin too."


def pieces(text: str, sizes: list[int]) -> list[str]:
    found, place = [], 0
    for size in sizes * (len(text) + 1):
        if place >= len(text):
            break
        found.append(text[place : place + size])
        place += size
    return found


def run(text: str, sizes: list[int], *, expected: bool = False) -> tuple[str, str, ReasoningFilter]:
    thinking = ReasoningFilter(expected=expected)
    shown = ""
    for piece in pieces(text, sizes):
        for part in thinking.feed(piece):
            shown = "" if isinstance(part, Retract) else shown + part
    for part in thinking.finish():
        shown += part
    return shown, "".join(thinking.reasoning), thinking


SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=5)
TAGS = st.sampled_from(["think", "thinking", "reasoning", "THINK"])


@given(SIZES, TAGS, st.booleans())
def test_a_block_is_separated_wherever_it_is_cut(
    sizes: list[int], tag: str, expected: bool
) -> None:
    text = f"<{tag}>{THOUGHT}</{tag}>{ANSWER}"
    shown, thoughts, thinking = run(text, sizes, expected=expected)
    assert (shown, thoughts) == (ANSWER, THOUGHT) and not thinking.unclosed


@given(SIZES, st.booleans())
def test_a_closing_tag_alone_retracts_what_came_before(sizes: list[int], expected: bool) -> None:
    shown, thoughts, _ = run(f"{THOUGHT}</think>{ANSWER}", sizes, expected=expected)
    assert (shown, thoughts) == (ANSWER, THOUGHT)


@given(SIZES, st.booleans())
def test_text_without_tags_comes_through(sizes: list[int], expected: bool) -> None:
    assert run(ANSWER, sizes, expected=expected)[0] == ANSWER


@given(SIZES)
def test_a_block_that_never_closes_is_noticed(sizes: list[int]) -> None:
    shown, thoughts, thinking = run(f"{ANSWER}<think>{THOUGHT}", sizes)
    assert (shown, thoughts, thinking.unclosed) == (ANSWER, THOUGHT, True)


def test_a_reasoning_model_shows_nothing_before_its_tag_has_closed() -> None:
    thinking = ReasoningFilter(expected=True)
    assert list(thinking.feed("I wonder. And wonder. ")) == []
    assert "".join(thinking.feed("</think>Yes.")) == "Yes."


def test_long_reasoning_takes_linear_time() -> None:
    thinking = ReasoningFilter(expected=True)
    started = time.monotonic()
    for _ in range(100_000):
        list(thinking.feed("hm, "))
    assert "".join(thinking.finish()) == "hm, " * 100_000
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"answer": "It opened."}', "It opened."),
        ('{"answer": "It opened.", "citations": [2, 3]}', "It opened. [2][3]"),
        ('{"sentences": [{"text": "One.", "source": 1}, {"text": "Two.", "source": 2}]}',
         "One. [1]\nTwo. [2]"),
        ('["One [1].", "Two [2]."]', "One [1].\nTwo [2]."),
        ("```json\n{\"answer\": \"It opened.\"}\n```", "It opened."),
        ("```\nIt opened in 1932 [1].\n```", "It opened in 1932 [1]."),
        ('{"confidence": 0.3}', '{"confidence": 0.3}'),
        ("{not json", "{not json"),
        ('Sure, here:\n```json\n{"answer": "It opened."}\n```\nHope this helps!',
         "Sure, here:\nIt opened.\nHope this helps!"),
        ('Sure:\n{"answer": "It opened."}', "Sure:\nIt opened."),
        ("It opened [1].\n[2] It closed.", "It opened [1].\n[2] It closed."),
        ("It is {braced}.", "It is {braced}."),
    ],
)  # fmt: skip
def test_unwrap(text: str, expected: str) -> None:
    assert "".join(unwrap_stream([text])) == expected
    assert "".join(unwrap_stream(list(text))) == expected


@given(st.lists(st.text(max_size=12), max_size=6))
def test_plain_text_is_passed_on_unchanged_or_unwrapped(parts: list[str]) -> None:
    whole = "".join(parts)
    lines = [0, *(place + 1 for place, letter in enumerate(whole) if letter == "\n")]
    allowed = {whole[:start] + unwrap(whole[start:]) for start in lines}
    assert "".join(unwrap_stream(parts)) in {whole, *allowed}


@given(st.lists(st.sampled_from(["{", "[", '"', "`", "```", "\n", " ", "a", "}", "]", "1"])))
def test_however_a_wrapped_draft_is_cut(parts: list[str]) -> None:
    whole = "".join(parts)
    assert (
        "".join(unwrap_stream(list(whole)))
        == "".join(unwrap_stream(parts))
        == "".join(unwrap_stream([whole]))
    )


def test_a_mark_at_the_start_is_no_wrapping() -> None:
    assert next(unwrap_stream(["[", "1] It", " opened."])) == "[1] It"

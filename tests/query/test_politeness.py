"""Courtesies around a question are no part of what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.politeness import strip_politeness


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Can you tell me how high the bridge is?", "how high the bridge is?"),
        ("could you please tell me who built the bridge", "who built the bridge"),
        ("Hi! I would like to know how high it is, please", "how high it is"),
        ("I'd like to know: who built it? Thanks!", "who built it?"),
        ("hello there, do you know who sued Esk?", "who sued Esk?"),
        ("I was wondering why the ferry sank", "why the ferry sank"),
        ("please tell me the price of the ferry, thank you very much", "the price of the ferry"),
        ("who built it please?", "who built it?"),
        ("tell me about the ferry", "tell me about the ferry"),
        ("can you tell me about the ferry", "can you tell me about the ferry"),
        ("why did Thanks Inc fail", "why did Thanks Inc fail"),
        ("What do people know about thanks", "What do people know about thanks"),
        ("so long and thanks for all the fish", "so long and thanks for all the fish"),
        ("Well, who built it", "who built it"),
        ("thanks", "thanks"),
        ("hello there", "hello there"),
        ("please?", "please?"),
    ],
)
def test_what_is_left(question: str, left: str) -> None:
    assert strip_politeness(question) == left


@given(st.text())
def test_it_only_takes_away(question: str) -> None:
    left = strip_politeness(question)
    assert left == question or (left.rstrip("?") in question and len(left.split()) >= 2)
    assert (
        strip_politeness("x " + question).startswith("x")
        or strip_politeness("x " + question) == "x " + question
    )

"""Follow-up questions against their intended readings."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from folders import ROOT
from rag.query.follow_ups import resolve

PAIRS = [
    json.loads(line)
    for line in (ROOT / "eval" / "cases" / "follow-ups.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
# At least this many of the 40 pairs are read as intended; the test lists the others.
LEAST = 34


def is_right(pair: dict[str, list[str] | str]) -> bool:
    read = resolve(str(pair["question"]), list(pair["earlier"])).text.casefold()
    unwanted = [word for word in pair.get("unwanted", []) if word.casefold() in read]
    return not unwanted and all(word.casefold() in read for word in pair["wanted"])


def test_follow_ups_are_read_as_intended() -> None:
    assert len(PAIRS) == 40
    wrong = [
        (pair["question"], resolve(str(pair["question"]), pair["earlier"]).text)
        for pair in PAIRS
        if not is_right(pair)
    ]
    assert len(PAIRS) - len(wrong) >= LEAST, wrong


@pytest.mark.parametrize(
    ("earlier", "question", "read"),
    [
        ("Who runs Threads?", "when did he join?", "when did Threads join?"),
        ("What did Apple say?", "what about Meta?", "What did Meta say?"),
        ("Why did Musk sue OpenAI?", "when?", "Why did Musk sue OpenAI: when?"),
        ("Who runs Threads?", "What is the price of gold?", "What is the price of gold?"),
        ("who is the head of Esk", "why did he leave?", "why did the head of Esk leave?"),
        ("did Esk fire Ada Quill", "who replaced her?", "who replaced Ada Quill?"),
        ("did Esk fire Ada Quill", "who owns it?", "who owns Esk?"),
        ("Esk ferry trial", "who won?", "who won, Esk ferry trial?"),
        ("Esk ferry trial", "when does it end", "when does Esk ferry trial end?"),
        ("who won, Esk ferry trial?", "who is the judge?", "who is the judge, Esk ferry trial?"),
        ("Who sued Esk: since when?", "why?", "Who sued Esk: why?"),
        ("Who leads Esk?", "How do cavefish sleep?", "How do cavefish sleep?"),
        ("Who leads Esk?", "why did prices rise?", "why did prices rise, Esk?"),
        ("what is the humane AI pin", "how much is it", "how much is humane AI pin?"),
        ("What does Esk accuse Orl of?", "How did it do that?", "How did Orl do that?"),
        ("Why did Esk sue Orl?", "has it replied?", "has Orl replied?"),
        ("Who did Esk pay?", "how did it do that?", "how did Esk do that?"),
        ("did Esk sue Ada Quill", "who owns it?", "who owns Esk?"),
        ("Who sued Esk?", "thanks a lot!", "thanks a lot!"),
        ("Who sued Esk?", "ok thanks", "ok thanks"),
    ],
)
def test_readings(earlier: str, question: str, read: str) -> None:
    assert resolve(question, [earlier]).text == read


def test_a_new_topic_in_lower_case_is_the_subject() -> None:
    earlier = ["Who leads Esk?", "How do cavefish sleep?"]
    assert resolve("are they blind?", earlier).text == "are cavefish blind?"


def test_a_topic_in_lower_case_goes_on() -> None:
    earlier = ["what is lecanemab", "does lecanemab work?"]
    assert resolve("side effects?", earlier).text == "side effects, lecanemab?"


def test_a_first_question_is_left_alone() -> None:
    found = resolve("and who leads it?", [])
    assert (found.text, found.carried) == ("and who leads it?", ())


@example("!", ["0"])
@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3))
def test_history_that_does_not_fit_is_no_error(question: str, earlier: list[str]) -> None:
    resolve(question, earlier)

"""Answers as JSON and back."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import (
    Answer,
    Attempt,
    BackendInfo,
    Citation,
    Evidence,
    Filters,
    Passage,
    Sentence,
    Source,
    Span,
    Trace,
    Usage,
)
from rag.conversations import from_jsonable, to_jsonable

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Any answer with all its parts, also odd ones."""
    text = draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
    day = draw(st.none() | st.dates())
    source = Source("a1", draw(TEXT) or "t", origin="o", published=day, url=draw(st.none() | TEXT))
    evidence = Evidence(
        Passage("a1", 5, 5 + len(text), text), source, 1, draw(st.floats(0, 9)), ("dense",)
    )
    citation = Citation("a1", 5, 5 + len(text), text)
    sentence = Sentence(
        draw(TEXT), (citation,), "unconfirmed", draw(st.floats(0, 1)), draw(TEXT), (Span(0, 2),)
    )
    trace = Trace(
        {"total": draw(st.floats(0, 9))},
        tried=(Attempt("x", draw(TEXT)),),
        left_machine=("h",),
        reasoning=draw(TEXT),
        usage=draw(st.none() | st.just(Usage(1, 2, 0.5))),
        understood={"text": draw(TEXT), "publishers": [["A", "B"]]},
    )
    return Answer(draw(TEXT), (sentence,), (evidence,), BackendInfo("m"), False, True, trace)


@given(answers())
def test_an_answer_survives_json_without_loss(given_answer: Answer) -> None:
    assert from_jsonable(Answer, json.loads(json.dumps(to_jsonable(given_answer)))) == given_answer


def test_fields_of_other_versions_are_passed_over_or_take_their_defaults() -> None:
    plain = to_jsonable(Filters(publishers=("A",), after=date(2024, 1, 2)))
    plain["colour"] = "red"
    del plain["categories"]
    assert from_jsonable(Filters, plain) == Filters(publishers=("A",), after=date(2024, 1, 2))
    with pytest.raises(ValueError, match="not a Source"):
        from_jsonable(Source, {"id": "x"})

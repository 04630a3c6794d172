"""Whose post it is that an article speaks of."""

from __future__ import annotations

import pytest

from rag.gating.roles import holder_told


@pytest.mark.parametrize(
    ("question", "sentence", "told"),
    [
        ("who is the CEO of Tarn?", "Tarn CEO Ada Quill spoke.", True),
        ("who is the CEO of Tarn?", "Tarn's chief executive spoke.", True),
        ("who is Tarn's ceo", "Ada Quill is CEO of Tarn.", True),
        ("whos the new ceo of tarn", "Ada Quill, co-founder and CEO of Tarn, spoke.", True),
        ("who is the ceo of Tarn", "Tarn Water Works president and CEO Ada Quill spoke.", True),
        ("who is the ceo of Tarn", "Tarn grew. The CEO is Ada Quill.", True),
        ("who is the ceo of Tarn", "Esk's CEO Ada Quill praised Tarn.", False),
        ("who is the ceo of Tarn", "Ada Quill, CEO of Esk, which sells to Tarn, spoke.", False),
        ("who is the ceo of Tarn", "Esk Boats CEO Ada Quill left Tarn.", False),
        ("who is the ceo of Tarn", "Tarn builds boats.", False),
        ("who is the cto of Tarn", "Ada Quill is chief technology officer at Tarn.", True),
        ("who is the cto of Tarn", "Tarn's CEO spoke.", False),
        ("who founded Tarn", "Ada Quill founded Tarn.", True),
        ("who co-founded Tarn?", "Tarn was started by Ada Quill.", True),
        ("who is the founder of Tarn", "Tarn builds boats.", False),
        ("who owns Tarn", "Esk-owned Tarn builds boats.", True),
        ("who is the owner of Tarn", "Esk took a stake in Tarn.", True),
        ("who owns Tarn", "Tarn's boats are red.", False),
        ("who owns Tarn", "Esk was sold.", False),
        ("who is the winner of the race", "Tarn builds boats.", None),
        ("who bought Tarn", "Esk's CEO praised Tarn.", None),
        ("who is Ada Quill", "Esk's CEO praised Tarn.", None),
        ("who is the ceo of the", "Esk's CEO praised Tarn.", None),
    ],
)
def test_whose_post_it_is(question: str, sentence: str, told: bool | None) -> None:
    assert holder_told(question, [(sentence, "A title")]) is told


def test_the_title_names_the_place() -> None:
    said = "The head coach is Ada Quill."
    assert holder_told("who is the coach of Tarn", [(said, "A season at Tarn")]) is True
    assert holder_told("who is the coach of Tarn", [(said, "A season at Esk")]) is False


def test_one_sentence_of_many_is_enough() -> None:
    sentences = [("Esk's CEO praised Tarn.", ""), ("Tarn's CEO said nothing.", "")]
    assert holder_told("who is the ceo of Tarn", sentences) is True
    assert holder_told("who is the ceo of Tarn", []) is False

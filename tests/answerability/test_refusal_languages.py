"""Refusals in the language of the question."""

from __future__ import annotations

import pytest

from rag.answerability import in_language_of

LINES = (
    "The articles do not say.",
    "Looked for: harbour.",
    "The nearest to it: “One” (A Paper) and “Two”.",
    "There is no 2023-02-30.",
)


@pytest.mark.parametrize(
    ("question", "first", "nearest"),
    [
        (
            "Wer ist der Präsident von Frankreich?",
            "Die Artikel sagen",
            "“One” (A Paper) und “Two”.",
        ),
        ("Qui est le président de la Chine ?", "Les articles ne", "“One” (A Paper) et “Two”."),
        ("¿Quién es el presidente de Chile?", "Los artículos no", "“One” (A Paper) y “Two”."),
        ("谁是法国总统？", "文章中没有提到。", "“One” (A Paper) 和 “Two”。"),
    ],
)
def test_the_fixed_sentences_are_translated(question: str, first: str, nearest: str) -> None:
    said = in_language_of(question, LINES)
    assert said[0].startswith(first) and said[2].endswith(nearest)
    assert "harbour" in said[1] and said[3] == LINES[3]


@pytest.mark.parametrize(
    "question",
    [
        "Who is the president of France?",
        "jets raiders final score",
        "Who is Jürgen Böhme?",
        "Кто он?",
    ],
)
def test_all_other_questions_are_refused_in_english(question: str) -> None:
    assert in_language_of(question, LINES) == LINES

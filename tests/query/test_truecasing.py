"""Names typed in lower case are read as the articles write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.truecasing import cased

ARTICLES = (
    "The town of Esk sued FerryCo over its ferry. Ferry rides cost, and a ferry of FerryCo sank.",
    "In May the ferry was sold by Ada Quill, whom FerryCo's owner knows. Quill bought a May tree.",
)


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("who owns ferryco", "who owns FerryCo"),
        ("is ferryco's ferry red", "is FerryCo's ferry red"),
        ("did esk sue ada quill", "did Esk sue Ada Quill"),
        ("what is a ferry", "what is a ferry"),
        ("who may sail to tarn", "who may sail to tarn"),
        ("who owns FerryCo", "who owns FerryCo"),
        ("", ""),
    ],
)
def test_words_are_written_as_the_articles_do(question: str, read: str) -> None:
    assert cased(question, ARTICLES) == read


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_nothing_but_letters_case_changes(question: str, articles: list[str]) -> None:
    read = cased(question, articles)
    assert read.casefold() == question.casefold()
    assert cased(question, []) == question

"""What counts as a name."""

from __future__ import annotations

import re

import pytest

from rag import text as texts

LONG_NAME = re.compile(
    rf"{texts.CAPITALIZED}(?:\s+(?:{texts.NAME_LINK}\s+)?{texts.CAPITALIZED})*"
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("he met J. R. Quill of the U.S. Senate", ["J. R. Quill", "U.S", "Senate"]),
        ("at the Bank of Esk. The rate rose", ["Bank of Esk", "The"]),
        ("the O’Hara-Lund case and AT&T", ["O’Hara-Lund", "AT&T"]),
        ("no names in small letters", []),
    ],
)
def test_capitalised_words_are_joined_to_names(text: str, names: list[str]) -> None:
    assert LONG_NAME.findall(text) == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Yesterday the mayor of Esk spoke in March.", {"esk"}),
        ("Ada Quill won. The boats left.", {"ada", "quill"}),
        ("DeepSeek won, R1 lost.", {"deepseek", "r1"}),
        ("“Boats are slow,” she said.", set()),
    ],
)
def test_the_first_word_of_a_sentence_is_no_name_by_its_capital(text: str, words: set[str]) -> None:
    assert texts.name_words(text) == words

"""Sentences that need their neighbours, and pieces that are none."""

from __future__ import annotations

import pytest

from rag.picking.standing import balanced, is_fragment, leans_back


@pytest.mark.parametrize(
    ("sentence", "leans"),
    [
        ("He left.", True),
        ("This shows it.", True),
        ("2) That was another case.", True),
        ("It left the harbour.", True),
        ("It is clear that he left.", False),
        ("This week he left.", False),
        ("The company left.", True),
        ("The harbour is old.", False),
        ("Both left.", True),
        ("Because the ferry was late that day.", True),
        ("Because it was late, the ferry stayed.", False),
        ("Meanwhile the ferry left.", True),
    ],
)
def test_leaning(sentence: str, leans: bool) -> None:
    assert leans_back(sentence) is leans


@pytest.mark.parametrize(
    ("piece", "fragment"),
    [
        ("FERRY QUIZ OF THE WEEK", True),
        ("Announced on Monday that it will close.", True),
        ("The winners are these:", True),
        ("Four boats sank.", False),
        ("Boats sank.", True),
        ("NASA and the ESA built it together.", False),
        ("The ferry costs four euros.", False),
        ("Said to be haunted, the harbour is empty.", True),
    ],
)
def test_fragments(piece: str, fragment: bool) -> None:
    assert is_fragment(piece) is fragment


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("“The ferry is late,” he said.", True),
        ("“The ferry is late.", False),
        ('He said "no" twice.', True),
        ('"Every boat was like this.', False),
    ],
)
def test_quotations_that_run_on(text: str, whole: bool) -> None:
    assert balanced(text) is whole

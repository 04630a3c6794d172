"""Sentences that need their neighbours, and pieces that are none."""

from __future__ import annotations

import pytest

from rag.extractive.standalone_sentences import has_balanced_quotes, is_fragment, needs_context


@pytest.mark.parametrize(
    ("sentence", "needs"),
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
def test_sentences_that_need_context(sentence: str, needs: bool) -> None:
    assert needs_context(sentence) is needs


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
        ("11:28 p.m.: Game.", True),
        ("9:03 p.m. — Ferry sinks.", True),
        ("9:45 p.m.: The ferry leaves the pier.", False),
        ("The field of boats is as follows: 1.", True),
        ("The boats have won each race since the count stood at 27.", False),
        ("“Ferry News of Esk", True),
        ("“The ferry of Esk will not leave before noon on Sundays.", False),
        ("for the ferry is on sale at the pier for four euros.", True),
        ("eBay sold the ferry.", False),
        ("Image source, Esk Photos Image caption, The ferry is old", True),
        ("Image sourcing is slow at the pier.", False),
        ("iPhone 15 sales rose.", False),
        ("a seat on deck for four euros", False),
        ("” The ferry of Esk left late in the day.", False),
        (") and left late in the day.", True),
        ("The Long Story of a Ferry From Esk", True),
        ("The Ferry That Changed the 1950 Season of Esk", True),
        ("Opened in May 1932.", False),
        ("Crossing: Esk to Tarn", False),
        ("Quill (Moss, 46'), 6.", False),
        ("They're Late Again.", False),
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
    assert has_balanced_quotes(text) is whole

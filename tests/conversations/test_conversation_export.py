"""Conversations as Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from rag import Filters, Library
from small_library import ask


def test_numbers_of_one_answer_do_not_meet_those_of_another(library: Library) -> None:
    kept, _ = library.conversations.append(ask(library))
    library.conversations.append(ask(library, "What did Tarn plant?"), conversation_id=kept)
    text = library.conversations.get(kept).to_markdown()
    notes = [line.split(":")[0] for line in text.splitlines() if line.startswith("[^")]
    assert len(notes) >= 2 and len(set(notes)) == len(notes)
    assert {note.split("-")[0] for note in notes} == {"[^1", "[^2"}
    assert "“The harbour of Esk reopened on Monday.”" in text and "Esk Times" in text


def test_an_export_says_which_filters_were_set(library: Library) -> None:
    filters = Filters(publishers=("Esk Times", "X"), after=date(2024, 1, 2))
    kept, _ = library.conversations.append(ask(library), filters=filters)
    text = library.conversations.get(kept).to_markdown()
    assert "*Filters: publishers Esk Times, X; after 2024-01-02*" in text


def test_nothing_in_an_export_becomes_a_link_or_an_image(library: Library) -> None:
    found = ask(library)
    planted = "![x](https://exfil.example/p.png) <img src=x> [a]: b"
    sentence = replace(found.sentences[0], text=planted)
    kept, _ = library.conversations.append(
        replace(found, question=planted, sentences=(sentence, *found.sentences[1:]))
    )
    text = library.conversations.get(kept).to_markdown()
    assert r"\!\[x\](https" in text and r"\<img src=x\>" in text
    bare = re.sub(r"\\.|\[\^1-\d+\]", "", text)
    assert not set(bare) & set("[]<>!`")

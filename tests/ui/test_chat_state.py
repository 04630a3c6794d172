"""What one page holds of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import Markup

from rag import Filters, Library
from small_library import ask, small_library, write_articles
from ui.chat_controller import MAX_TURNS_SHOWN, ChatTurn
from ui.chat_state import ChatState, finish_turn, history_html, restore_state
from ui.service import Service


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    folder = write_articles(tmp_path / "articles")
    with small_library(folder, tmp_path / "library") as library:
        yield library


def test_a_page_shows_the_end_of_a_long_conversation_and_links_to_the_rest(
    library: Library,
) -> None:
    found = ask(library)
    kept = None
    for _ in range(MAX_TURNS_SHOWN + 30):
        kept, _ = library.conversations.append(found, conversation_id=kept)
    assert kept
    state = restore_state(Service(library), kept)
    assert [turn.number for turn in state.turns] == list(range(31, MAX_TURNS_SHOWN + 31))
    html = history_html(state)
    assert f'<a href="/conversations/{kept}">30 earlier questions' in html
    assert html.count('id="turn-') == MAX_TURNS_SHOWN and state.next_number == MAX_TURNS_SHOWN + 31
    for _ in range(3):
        turn = finish_turn(
            Service(library), state, ChatTurn("?", Markup(), found), Filters(), store=True
        )
        state = state.followed_by(turn)
    assert (len(state.turns), state.earlier) == (MAX_TURNS_SHOWN, 33)


def test_a_full_disk_is_said_below_the_answer(library: Library) -> None:
    found = ask(library)
    with library.catalog.reading() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}")
    large = replace(found, trace=replace(found.trace, reasoning="x" * 1_000_000))
    turn = finish_turn(
        Service(library), ChatState(), ChatTurn("?", Markup(), large), Filters(), store=True
    )
    assert turn.conversation_id is None and turn.number == 1
    assert "couldn’t be saved" in turn.body and "reopened on Monday" in turn.body
    assert library.conversations.search() == ()

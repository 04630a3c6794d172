"""Asking within a stored conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import ConversationUnknown, Library, Settings, SettingsError, answer_in
from small_library import small_library, write_articles


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    folder = write_articles(tmp_path / "articles")
    with small_library(folder, tmp_path / "library") as library:
        yield library


def test_a_follow_up_after_reopening_uses_the_kept_history(library: Library) -> None:
    settings = Settings(library=library.path)
    first = answer_in("new", "What did Tarn plant?", library=library, settings=settings)
    then = answer_in("last", "and when did it?", library=library, settings=settings)
    assert then.conversation_id == first.conversation_id and then.turn_number == 2
    assert "Tarn" in library.conversations.get(first.conversation_id).turns[1].rewritten_question
    assert then.to_dict()["conversation"] == {"id": first.conversation_id, "number": 2}
    with pytest.raises(ConversationUnknown):
        answer_in("nope", "Why?", library=library, settings=settings)
    off = replace(settings, keep_conversations=False)
    with pytest.raises(SettingsError, match="keep_conversations"):
        answer_in("last", "Why?", library=library, settings=off)
    assert library.conversations.search()[0].turns == 2

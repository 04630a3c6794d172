"""Asking within a stored conversation: its answers are the history, the new answer is stored."""

from __future__ import annotations

from typing import Any, NamedTuple

from rag.answering.pipeline import answer
from rag.answering.request import FiltersLike, validate_filters
from rag.errors import SettingsError
from rag.retrieval import Library
from rag.settings import Settings, load_settings
from rag.types import Answer

NEW = "new"
# Follow-up questions refer to the last few turns, not to the start of a long conversation.
MAX_HISTORY_TURNS = 20


class ConversationAnswer(NamedTuple):
    """An answer and where it is stored; ``turn_number`` counts from 1."""

    answer: Answer
    conversation_id: str
    turn_number: int

    def to_dict(self) -> dict[str, Any]:
        stored = {"id": self.conversation_id, "number": self.turn_number}
        return {**self.answer.to_dict(), "conversation": stored}


def answer_in(
    conversation: str,
    question: str,
    *,
    library: Library,
    settings: Settings | None = None,
    filters: FiltersLike = None,
    **options: Any,
) -> ConversationAnswer:
    """Answers a question as the next turn of a conversation and stores the answer.

    Args:
        conversation: An id, ``new`` to start one, or ``last`` for the most recently used one.
        question: 1 to 2,000 characters.
        library: The open library that stores the conversation.
        settings: Replace those of files and environment.
        filters: Which articles may be used; stored with the turn.
        options: Further arguments of `rag.answer`.

    Raises:
        ConversationUnknown: There is no conversation with that id.
        SettingsError: ``keep_conversations`` is false in the settings.
        FootnoteError: As for `rag.answer`.
    """
    settings = settings or load_settings()
    if not settings.keep_conversations:
        raise SettingsError(
            "conversation", conversation, "none while keep_conversations is false in the settings"
        )
    chosen = validate_filters(filters)
    store = library.conversations
    known = None if conversation == NEW else store.resolve_id(conversation)
    history = store.get(known, last=MAX_HISTORY_TURNS).history if known else ()
    found = answer(
        question, library=library, settings=settings, filters=chosen, history=history, **options
    )
    return ConversationAnswer(found, *store.append(found, conversation_id=known, filters=chosen))

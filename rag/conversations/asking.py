"""Asking within a kept conversation: its answers are the history, and the new one is kept too."""

from __future__ import annotations

from typing import Any, NamedTuple

from rag.answering.path import answer
from rag.answering.request import checked_filters
from rag.errors import SettingsError
from rag.settings import Settings, load_settings
from rag.store.library import Library
from rag.types import Answer

NEW = "new"
# Follow-ups lean on what was asked just before, not on the beginning of a long talk.
TURNS_READ = 20


class Continued(NamedTuple):
    """An answer, and where it was kept: in which conversation, as which turn."""

    answer: Answer
    conversation: str
    number: int

    def to_dict(self) -> dict[str, Any]:
        kept = {"id": self.conversation, "number": self.number}
        return {**self.answer.to_dict(), "conversation": kept}


def answer_in(
    conversation: str,
    question: str,
    *,
    library: Library,
    settings: Settings | None = None,
    filters: Any = None,
    **wishes: Any,
) -> Continued:
    """Answers a question as the next one of a kept conversation, and keeps the answer.

    ``conversation`` is an id, ``new`` to begin one, or ``last`` for the one that was added to
    last; ``wishes`` are what `rag.answer` takes besides.

    Raises:
        ConversationUnknown: None is kept under that id.
        SettingsError: The settings say that no conversations are kept.
    """
    settings = settings or load_settings()
    if not settings.keep_conversations:
        raise SettingsError(
            "conversation", conversation, "none while keep_conversations is false in the settings"
        )
    wanted = checked_filters(filters)
    known = None if conversation == NEW else library.conversations.named(conversation)
    history = library.conversations.open(known, last=TURNS_READ).history if known else ()
    found = answer(
        question, library=library, settings=settings, filters=wanted, history=history, **wishes
    )
    kept = library.conversations.keep(found, conversation=known, filters=wanted)
    return Continued(found, *kept)

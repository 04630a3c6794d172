"""Stored conversations: questions and answers with their quotes, and asking within one.

Nothing here imports `rag.store` when it is loaded, because a library owns its conversations.
"""

from rag.conversations.asking import NEW, ConversationAnswer, answer_in
from rag.conversations.serialization import from_jsonable, to_jsonable
from rag.conversations.store import LATEST, ConversationStore
from rag.conversations.types import (
    MAX_TITLE_LENGTH,
    ArchivedPassage,
    Conversation,
    ConversationSummary,
    StaleSource,
    Turn,
)

__all__ = [
    "LATEST",
    "MAX_TITLE_LENGTH",
    "NEW",
    "ArchivedPassage",
    "Conversation",
    "ConversationAnswer",
    "ConversationStore",
    "ConversationSummary",
    "StaleSource",
    "Turn",
    "answer_in",
    "from_jsonable",
    "to_jsonable",
]

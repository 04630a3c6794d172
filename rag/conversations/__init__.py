"""Stored conversations: questions and answers with their quotes."""

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
    "ArchivedPassage",
    "Conversation",
    "ConversationStore",
    "ConversationSummary",
    "StaleSource",
    "Turn",
    "from_jsonable",
    "to_jsonable",
]

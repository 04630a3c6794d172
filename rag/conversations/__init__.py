"""Stored conversations: questions and answers with their quotes."""

from rag.conversations.feedback import REASONS, Feedback, FeedbackStore
from rag.conversations.store import LATEST, ConversationStore
from rag.conversations.types import (
    MAX_TITLE_LENGTH,
    ArchivedPassage,
    Conversation,
    ConversationSummary,
    StaleSource,
    Turn,
    from_jsonable,
    to_jsonable,
)

__all__ = [
    "LATEST",
    "MAX_TITLE_LENGTH",
    "REASONS",
    "ArchivedPassage",
    "Conversation",
    "ConversationStore",
    "ConversationSummary",
    "Feedback",
    "FeedbackStore",
    "StaleSource",
    "Turn",
    "from_jsonable",
    "to_jsonable",
]

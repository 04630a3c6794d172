"""Answers a question: the one path from request to verified answer."""

from rag.answering.checking import Checked, check
from rag.answering.conversation import ConversationAnswer, answer_in
from rag.answering.pipeline import answer, stream
from rag.answering.request import validate_filters
from rag.answering.streaming import Drafted, Retrieved, Stream

__all__ = [
    "Checked",
    "ConversationAnswer",
    "Drafted",
    "Retrieved",
    "Stream",
    "answer",
    "answer_in",
    "check",
    "stream",
    "validate_filters",
]

"""A follow-up question read with what it leaves out: by a model where one is asked, else without.

A model that may not be asked, fails, or writes something else than the question is passed over,
silently: the reading without a model is always there.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag import conversation, prompt
from rag.failover import Failover
from rag.question.casing import cased
from rag.settings import LONGEST_QUESTION
from rag.types import Answer

# A model sees so many of the last questions, as they were read.
REMEMBERED = 3


def read_after(question: str, history: Sequence[Answer], backend: Failover) -> str:
    """The question with what it leaves out, as earlier questions were themselves read.

    Only questions go to a model, never an answer or an article, and only where the rules let text
    go to it.
    """
    articles = [item.passage.text for answer in history[-REMEMBERED:] for item in answer.evidence]
    asked = [str(item.trace.understood.get("text") or item.question) for item in history]
    # People type names in lower case; the articles that were found write them out.
    earlier = [cased(text, articles) for text in asked]
    resolved = conversation.resolve(cased(question, articles), earlier)
    plain = resolved.text if resolved.carried else question
    read = plain if len(plain) <= LONGEST_QUESTION else question
    if not conversation.leans(question, earlier):
        return read
    written = backend.complete(prompt.rereading(question, earlier[-REMEMBERED:]))
    return conversation.accepted(written or "", question, earlier) or read

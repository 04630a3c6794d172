"""A follow-up question read with what it leaves out: by a model where one is asked, else without.

A model that may not be asked, fails, or writes something else than the question is passed over,
silently: the reading without a model is always there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.generation import prompts
from rag.generation.failover import Failover
from rag.query import follow_ups
from rag.query.truecasing import cased
from rag.settings import LONGEST_QUESTION
from rag.types import Answer

# A model sees so many of the last questions, as they were read.
REMEMBERED = 3
# "And twitch?", "what about the verge?": what so few words name is looked up.
FEW_WORDS = 5


def read_after(
    question: str,
    history: Sequence[Answer],
    backend: Failover,
    look: Callable[[str], Sequence[str]] | None = None,
) -> str:
    """The question with what it leaves out, as earlier questions were themselves read.

    Args:
        question: What is asked now.
        history: Earlier answers, the oldest first.
        backend: Is asked to write the question out, if it may be.
        look: Gives what articles write for a few words, so that names in them are known.

    Only questions go to a model, never an answer or an article, and only where the rules let text
    go to it.
    """
    articles = [item.passage.text for answer in history[-REMEMBERED:] for item in answer.evidence]
    asked = [_with_publishers(item) for item in history]
    # People type names in lower case; the articles that were found write them out.
    earlier = [cased(text, articles) for text in asked]
    if history and look and len(question.split()) <= FEW_WORDS:
        articles = [*articles, *look(question)]
    resolved = follow_ups.resolve(cased(question, articles), earlier)
    plain = resolved.text if resolved.carried else question
    read = plain if len(plain) <= LONGEST_QUESTION else question
    if not follow_ups.leans(question, earlier):
        return read
    written = backend.complete(prompts.rereading(question, earlier[-REMEMBERED:]))
    return follow_ups.accepted(written or "", question, earlier) or read


def _with_publishers(answer: Answer) -> str:
    """A question as it was read, with the publishers that it named as they write themselves."""
    understood = answer.trace.understood
    text = str(understood.get("text") or answer.question)
    for name in (name for group in understood.get("publishers", ()) for name in group):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", name, text, flags=re.IGNORECASE)
    return text

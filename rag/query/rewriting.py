"""Rewrites a follow-up question so that it is complete in itself, with or without a model.

A model that may not be asked, fails, or writes something else than the question is passed over
silently: the rewriting by rules is always there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.query import follow_ups
from rag.query.truecasing import cased
from rag.settings import LONGEST_QUESTION
from rag.types import Answer

# A model sees so many of the last questions, as they were read.
REMEMBERED = 3
# "And twitch?", "what about the verge?": what so few words name is looked up.
FEW_WORDS = 5


def rewrite_follow_up(
    question: str,
    history: Sequence[Answer],
    ask_model: Callable[[str, Sequence[str]], str | None],
    passages_about: Callable[[str], Sequence[str]],
) -> str:
    """The question with what it leaves out, taken from earlier questions as they were rewritten.

    Args:
        question: What is asked now.
        history: Earlier answers, the oldest first.
        ask_model: Gets the question and earlier ones, returns a rewritten question; None if no
            model can or may be asked. It is never given an answer or an article.
        passages_about: Text of the articles that match a few words, so that names in them are
            known.
    """
    articles = [item.passage.text for answer in history[-REMEMBERED:] for item in answer.evidence]
    asked = [_with_publishers(item) for item in history]
    # People type names in lower case; the articles that were found write them out.
    earlier = [cased(text, articles) for text in asked]
    if history and len(question.split()) <= FEW_WORDS:
        articles = [*articles, *passages_about(question)]
    resolved = follow_ups.resolve(cased(question, articles), earlier)
    by_rules = resolved.text if resolved.carried else question
    if len(by_rules) > LONGEST_QUESTION:
        by_rules = question
    if not follow_ups.leans(question, earlier):
        return by_rules
    written = ask_model(question, earlier[-REMEMBERED:])
    return follow_ups.accepted(written or "", question, earlier) or by_rules


def _with_publishers(answer: Answer) -> str:
    """A question as it was read, with the publishers that it named as they write themselves."""
    understood = answer.trace.understood
    text = str(understood.get("text") or answer.question)
    for name in (name for group in understood.get("publishers", ()) for name in group):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", name, text, flags=re.IGNORECASE)
    return text

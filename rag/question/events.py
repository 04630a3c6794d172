"""Events that a question counts from (*before the lawsuit*), dated by the articles about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from rag import text as texts
from rag.question.timewords import DATE, Period

EVENT = re.compile(
    r"\b(?P<side>before|after|since|until)\s+"
    r"(?P<event>(?:(?:the|his|her|its|their|a|an)\s+)?[^\W\d_][^,.;:?!]*?)"
    r"(?=\s*[,.;:?!]|\s+(?:and|but|did|does|do|were|is|has|have|had)\b|\s*$)",
    re.IGNORECASE,
)
# An event is told by so many words at most; more are a clause of the question.
LONGEST_EVENT = 6


def periods(question: str, dated: Sequence[tuple[date, str]]) -> tuple[Period, ...]:
    """The days before or after an event, from the first article whose title tells of it.

    A title tells of it if it holds all of the event's words and, where that is one word, another
    word of the question too: *the lawsuit* is the one about what is asked.

    Args:
        question: The question.
        dated: Day and title of each article.
    """
    found = []
    for match in EVENT.finditer(question):
        words = frozenset(texts.content_stems(match["event"]))
        if not words or len(match["event"].split()) > LONGEST_EVENT or DATE.search(match["event"]):
            continue
        around = question[: match.start()] + " " + question[match.end() :]
        others = frozenset(texts.content_stems(around)) - words
        days = [day for day, title in dated if _tells_of(stems_of_title(title), words, others)]
        if days:
            found.append(_period(match, min(days)))
    return tuple(found)


def _tells_of(title: frozenset[str], event: frozenset[str], others: frozenset[str]) -> bool:
    return event <= title and (len(event) > 1 or bool(others & title))


def _period(match: re.Match[str], day: date) -> Period:
    """The event's first day belongs to what comes after it."""
    if match["side"].lower() in ("before", "until"):
        return Period(None, day - timedelta(days=1), match.start(), match.end())
    return Period(day, None, match.start(), match.end())


@lru_cache(maxsize=65_536)
def stems_of_title(title: str) -> frozenset[str]:
    """The content stems of a title."""
    return frozenset(texts.content_stems(title))

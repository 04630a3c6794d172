"""Lead-ins that only name the source: "According to the Esk Courier, …"."""

from __future__ import annotations

import re
from functools import lru_cache

from rag import text as texts
from rag.types import Source

# What is left after a lead-in has at least so many characters.
SHORTEST_REST = 15
LEAD_IN = re.compile(
    r"^(?:according to|as|in)\s+(?P<who>[^,:“\"]{2,120}?)"
    r"(?:\s+(?:reports?|reported|writes?|wrote|notes?|noted|puts? it|states?|stated))?,\s+"
    r"|^(?P<writer>[^,:“\"]{2,80}?)\s+(?:reports?|reported|writes?|wrote|notes?|noted)\s+that\s+",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def words_about(source: Source | None) -> frozenset[str]:
    """Words that name a source: its title, publisher and author."""
    if source is None:
        return frozenset()
    about = " ".join(p for p in (source.title, source.publisher, source.author) if p)
    return frozenset(part for word in texts.words(about) for part in (word, *word.split("-")))


def lead_in_length(sentence: str, source: Source | None) -> int:
    """Length of "According to X," in front of a sentence, where X only names its source; else 0."""
    if source is None:
        return 0
    for name in (source.title, source.publisher, source.author):
        if not name:
            continue
        opening = re.compile(rf"^according to\s+[“\"]?{re.escape(name)}[”\"]?,\s+", re.I)
        if match := opening.match(sentence):
            return match.end()
    match = LEAD_IN.match(sentence)
    if match is None or len(sentence) - match.end() < SHORTEST_REST:
        return 0
    who = frozenset(texts.words(match["who"] or match["writer"] or ""))
    who -= texts.STOP_WORDS | {"article", "report", "source"}
    return match.end() if who <= words_about(source) else 0


def without_lead_in(sentence: str, source: Source | None) -> str:
    """A sentence without "According to X," where X is nothing but the name of its source."""
    rest = sentence[lead_in_length(sentence, source) :]
    return rest[:1].upper() + rest[1:]

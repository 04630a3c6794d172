"""Replies to small talk: what the library holds, and what can be asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rag.answerability import headlines, said_of
from rag.query import Period, other_languages, small_talk_language
from rag.types import Sentence, Source
from rag.verification import no_claim_sentence

# The sentences in English; ``small_talk.toml`` has those in other languages under the same names.
ENGLISH = {
    "thanks": "You are welcome.",
    "greeting": "Hello.",
    "purpose": "Ask a question: each sentence of the answer is checked against the articles and "
    "has a footnote that leads to the exact words.",
    "none": "There are 0 articles in this library.",
    "one": "There is 1 article in this library{}.",
    "many": "There are {} articles in this library{}.",
    "titles": "They are: {}.",
    "newest": "The newest are: {}.",
    "example": "For example: What does “{}” say?",
}
# A library of more articles is not listed whole.
MOST_TITLES = 12
MOST_PUBLISHERS = 6
MOST_EXAMPLES = 2
# Between two headlines.
AND = re.compile(r"(?<=[”)]) and (?=“)")


def about_library(kind: str, sources: Sequence[Source], question: str = "") -> tuple[Sentence, ...]:
    """The reply to small talk; every sentence of it claims nothing about what articles say.

    Args:
        kind: Of the query, see `rag.query.small_talk`; ``summary`` only if there is no article.
        sources: The articles that may be used.
        question: As it was asked; the reply is in its language.
    """
    language = small_talk_language(question)
    words = other_languages().get(language, {}).get("replies", ENGLISH)
    lines = [words[kind]] if kind in ("thanks", "greeting") else []
    if kind in ("greeting", "help"):
        lines.append(words["purpose"])
    if kind != "thanks":
        lines.append(contents(sources, words))
    if kind == "contents" and sources:
        lines.append(_titles(sources, words))
    if kind in ("greeting", "help"):
        lines += [words["example"].format(source.title) for source in sources[:MOST_EXAMPLES]]
    return tuple(map(no_claim_sentence, lines))


def contents(sources: Sequence[Source], words: Mapping[str, str] = ENGLISH) -> str:
    """How many articles there are, of which days and publishers."""
    said = details(sources) if words is ENGLISH else _short_details(sources)
    if len(sources) < 2:
        return words["one" if sources else "none"].format(said)
    return words["many"].format(f"{len(sources):,}", said)


def details(sources: Sequence[Source]) -> str:
    """Of which days and publishers articles are, in English."""
    line = ""
    if days := sorted(source.published for source in sources if source.published):
        line += f", dated {said_of(Period(days[0], days[-1], 0, 0))}"
    named, rest = _publishers(sources)
    if named:
        line += f", from {', '.join(named)}" + (f" and {rest} more publishers" if rest else "")
    return line


def _short_details(sources: Sequence[Source]) -> str:
    """The same without words."""
    days = sorted(source.published for source in sources if source.published)
    span = " – ".join(dict.fromkeys(day.isoformat() for day in (*days[:1], *days[-1:])))
    named, rest = _publishers(sources)
    listed = ", ".join((*named, "…") if rest else named)
    said = "; ".join(filter(None, (span, listed)))
    return f" ({said})" if said else ""


def _publishers(sources: Sequence[Source]) -> tuple[list[str], int]:
    """Those with the most articles, and the number of the others."""
    publishers = Counter(source.publisher for source in sources if source.publisher)
    named = [name for name, _ in publishers.most_common(MOST_PUBLISHERS)]
    return named, len(publishers) - len(named)


def _titles(sources: Sequence[Source], words: Mapping[str, str]) -> str:
    rest = len(sources) - MOST_TITLES
    listed = headlines(sources[:MOST_TITLES])
    if words is not ENGLISH:
        listed = AND.sub(", ", listed) + (f" … (+{rest:,})" if rest > 0 else "")
    elif rest > 0:
        listed += f" and {rest:,} more"
    return words["newest" if rest > 0 else "titles"].format(listed)

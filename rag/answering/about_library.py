"""Replies to small talk: what the library holds, and what can be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag.answerability import headlines, said_of
from rag.query import Period
from rag.types import Sentence, Source
from rag.verification import no_claim_sentence

GREETINGS = {"thanks": "You are welcome.", "greeting": "Hello."}
PURPOSE = (
    "Ask a question: each sentence of the answer is checked against the articles and has a "
    "footnote that leads to the exact words."
)
# A library of more articles is not listed whole.
MOST_TITLES = 12
MOST_PUBLISHERS = 6
MOST_EXAMPLES = 2


def about_library(kind: str, sources: Sequence[Source]) -> tuple[Sentence, ...]:
    """The reply to small talk; every sentence of it claims nothing about what articles say.

    Args:
        kind: Of the query, see `rag.query.small_talk`; ``summary`` only if there is no article.
        sources: The articles that may be used.
    """
    lines = [GREETINGS[kind]] if kind in GREETINGS else []
    if kind in ("greeting", "help"):
        lines.append(PURPOSE)
    if kind != "thanks":
        lines.append(contents(sources))
    if kind == "contents" and sources:
        lines.append(_titles(sources))
    if kind in ("greeting", "help"):
        lines += [f"For example: What does “{s.title}” say?" for s in sources[:MOST_EXAMPLES]]
    return tuple(map(no_claim_sentence, lines))


def contents(sources: Sequence[Source]) -> str:
    """How many articles there are, of which days and publishers."""
    count = f"{len(sources):,} article{'s' if len(sources) != 1 else ''}"
    line = f"There {'is' if len(sources) == 1 else 'are'} {count} in this library"
    if days := sorted(source.published for source in sources if source.published):
        line += f", dated {said_of(Period(days[0], days[-1], 0, 0))}"
    publishers = Counter(source.publisher for source in sources if source.publisher)
    if named := [name for name, _ in publishers.most_common(MOST_PUBLISHERS)]:
        rest = len(publishers) - len(named)
        line += f", from {', '.join(named)}" + (f" and {rest} more publishers" if rest else "")
    return f"{line}."


def _titles(sources: Sequence[Source]) -> str:
    rest = len(sources) - MOST_TITLES
    more = f" and {rest:,} more" if rest > 0 else ""
    joined = headlines(sources[:MOST_TITLES])
    return f"{'The newest are' if rest > 0 else 'They are'}: {joined}{more}."

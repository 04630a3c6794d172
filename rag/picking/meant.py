"""Which sentences hold the kind of answer that is asked for, in whatever words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag import text as texts
from rag.checking import facts
from rag.gating.kinds import kind_asked
from rag.gating.relevance import ScoredSentence
from rag.picking.short_answer import AMOUNT

# In a few loose words: "ferry price", "bridge opening date", "uber bookings last quarter".
MEANS_MONEY = re.compile(
    r"\b(?:prices?|costs?|revenues?|salary|salaries|wages?|fees?|valuation|net worth|box office)\b",
    re.IGNORECASE,
)
MEANS_TIME = re.compile(r"\b(?:date|deadline|birthday)\b", re.IGNORECASE)
MEANS_NUMBER = re.compile(
    r"\b(?:how many|amounts?|scores?|percent\w*|share of|records?|totals?"
    r"|sales|bookings|streak|age)\b",
    re.IGNORECASE,
)

# "Who bought Esk: for how much?" asks for a sum.
OF_A_DEAL = re.compile(
    r"\b(?:buy|buys|bought|sell|sells|sold|acquired?|pay|pays|paid|fined?|raised?)\b.*\bhow much\b",
    re.IGNORECASE,
)
# "What is an Esk ferry"; where another small word stands, something of it is asked.
WHAT_IS = re.compile(
    r"what(?:['’]?s| is| are| was| were) (?:(?:an?|the) )?(?P<what>[\w’'.&-]+(?: [\w’'.&-]+){0,3})",
    re.IGNORECASE,
)


def _defining(question: str) -> re.Pattern[str] | None:
    """How a sentence says what that is which a question asks about; None if it asks otherwise."""
    found = WHAT_IS.fullmatch(question.strip().rstrip("?.! "))
    if found is None or texts.STOP_WORDS & set(texts.words(found["what"])):
        return None
    name = r"\W+".join(re.escape(word) for word in found["what"].split())
    return re.compile(
        rf"\b{name}s?[”\"’']?(?:\s*\([^)]{{1,60}}\))?"
        r"(?:,\s+(?:or|also known as)|,|\s+(?:is|are|was|were|means|refers to))"
        r"\s+(?:an?|the|one|another|when)\b",
        re.IGNORECASE,
    )


def _holds_money(text: str) -> bool:
    return bool(AMOUNT.search(text))


def _holds_time(text: str) -> bool:
    return bool(facts.date_words(text))


def _holds_number(text: str) -> bool:
    return bool(facts.numbers(text))


LOOSE_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (MEANS_MONEY, _holds_money),
    (MEANS_TIME, _holds_time),
    (MEANS_NUMBER, _holds_number),
)


def fitting(question: str, scored: Sequence[ScoredSentence]) -> frozenset[int]:
    """Places of the sentences that hold the kind of answer asked for: a sum, a time, what it is."""
    if defines := _defining(question):
        return frozenset(n for n, item in enumerate(scored) if defines.search(item.text))
    if OF_A_DEAL.search(question):
        return frozenset(n for n, item in enumerate(scored) if _holds_money(item.text))
    if holds := kind_asked(question):
        return frozenset(n for n, item in enumerate(scored) if holds(item.text, question))
    for means, loosely_holds in LOOSE_KINDS:
        if means.search(question):
            return frozenset(n for n, item in enumerate(scored) if loosely_holds(item.text))
    return frozenset()

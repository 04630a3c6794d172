"""Which sentences hold the kind of answer that is asked for, in whatever words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

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
    r"\b(?:how (?:many|much|old|long|far)|amounts?|scores?|percent\w*|share of|records?|totals?"
    r"|sales|bookings|streak|age)\b",
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
    """Places of the sentences that hold the kind of answer asked for: a sum, a time, a name."""
    if holds := kind_asked(question):
        return frozenset(n for n, item in enumerate(scored) if holds(item.text, question))
    for means, loosely_holds in LOOSE_KINDS:
        if means.search(question):
            return frozenset(n for n, item in enumerate(scored) if loosely_holds(item.text))
    return frozenset()

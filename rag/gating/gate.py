"""Whether the evidence speaks to the question at all. If not, no backend is asked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag import text as texts
from rag.checking import facts
from rag.gating import gate_numbers
from rag.gating.multipart import Wide, stems_of
from rag.gating.odds import probability, products
from rag.gating.relevance import ScoredSentence, asked_stems, weighted_share
from rag.gating.roles import holder_told
from rag.library.search import Found
from rag.question.query import LONG_QUESTION
from rag.types import Source


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells an answerable short question from another; all in 0..1 but for cosines (-1..1).

    Attributes:
        best_cosine: The question's highest cosine with one of the best sentences, read alone.
        passage_cosine: Its highest cosine with a passage.
        cosine_lead: How far that is above the tenth passage's: one that stands out should speak
            for the question. With the other signals held, the present fit gives it the opposite
            sign, least in large libraries.
        keyword_share: The best BM25 score over what the question's words could score.
        keyword_lead: By what share that score is above the tenth passage's.
        sentence_words: Weighted share of the question's words in one sentence and its context.
        passage_words: The same in one passage and its title, weighted by rarity in the library.
        length: Its content words, of fourteen.
        kind_missing: 1 if the question asks for a number, a time or a name, and the sentences
            that fit it best hold none; else 0.
        asks_fact: 1 if the question asks for a number, a time or a name, else 0: such a fact is
            said or not, and articles about the same thing often do not say it.
        size: Logarithm of the number of passages searched, of that of 3,000: the more there are,
            the nearer comes one by chance.
    """

    best_cosine: float
    passage_cosine: float
    cosine_lead: float
    keyword_share: float
    keyword_lead: float
    sentence_words: float
    passage_words: float
    length: float
    kind_missing: float
    asks_fact: float
    size: float

    def terms(self) -> dict[str, float]:
        """See `rag.gating.odds.products`."""
        return products({name: float(getattr(self, name)) for name in self.__slots__})


ANSWERABLE = 0.5
LONGEST = 14
# A sentence with all words of a question, two or more, that reads like it: nine in ten of the
# questions that the gate is fitted on and that have such a sentence are answered by it.
ALL_WORDS, LEAST_WORDS, NEAR, PLAINLY_SAID = 0.999, 2, 0.5, 0.75
# The fit saw libraries of one to 6,300 passages; larger ones count as these.
MOST_PASSAGES, UNIT_PASSAGES = 10_000, 3_000

# The kind of answer is looked for in so many of the sentences that hold the question's words.
LOOKED_AT = 3
# ... that hold at least this part of what the best of them holds.
FITS = 0.75

ASKS_MONEY = re.compile(
    r"\bhow much\b.*"
    r"\b(?:cost|invest|pay|paid|price|rais|spen[dt]|worth|fund|earn|charge|money|sell)",
    re.IGNORECASE,
)
ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|big|large|fast|high|often)\b|\bpercent(?:age)?\b"
    r"|\b(?:number|amount|size|count) of\b",
    re.IGNORECASE,
)
ASKS_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)
ASKS_TIME = re.compile(
    r"^when (?:was|were|did|is|are|will)\b|\b(?:what|which) (?:date|day|month|time)\b",
    re.IGNORECASE,
)
ASKS_NAME = re.compile(
    r"^(?:and |so )?who(?:'s|’s|s|m|se)?\b|\bname of\b"
    r"|\b(?:which|what) (?:company|companies|person|city|country|firm|court|chip|state|place)\b",
    re.IGNORECASE,
)
ROUGH_NUMBER = re.compile(
    r"\b(?:hundreds|thousands|millions|billions|trillions|dozens|half|twice|double|an? (?:day|week"
    r"|month|year|decade|hour))\b",
    re.IGNORECASE,
)
TIME_WORDS = re.compile(
    r"\b(?:yesterday|today|tomorrow|ago|(?:last|next|this|past|earlier (?:in the|this)) "
    r"(?:\w+ )?(?:week|month|year|day|decade|spring|summer|autumn|fall|winter)s?)\b",
    re.IGNORECASE,
)


def signals(
    question: str,
    found: Found,
    scored: Sequence[ScoredSentence],
    best_cosine: float,
    rarity: Callable[[Iterable[str]], Mapping[str, float]],
) -> Signals:
    """What the gate looks at.

    Args:
        question: As it was asked.
        found: What the search gave.
        scored: The sentences of that evidence.
        best_cosine: `rag.gating.relevance.best_cosine_alone`.
        rarity: How rare words are in the library, each 0..1.
    """
    asked = asked_stems(question, [item.passage.text for item in found.evidence])
    weights = rarity(asked)
    shares = (weighted_share(asked & stems, weights) for stems in stems_of(found.evidence))
    searched = max(1, min(found.searched, MOST_PASSAGES))
    return Signals(
        best_cosine=best_cosine,
        passage_cosine=found.best_passage_cosine,
        cosine_lead=found.cosine_lead,
        keyword_share=found.keyword_share,
        keyword_lead=found.keyword_lead,
        sentence_words=max((item.near for item in scored if item.answers), default=0.0),
        passage_words=max(shares, default=0.0),
        length=min(len(asked) / LONGEST, 1.0),
        kind_missing=float(kind_missing(question, scored)),
        asks_fact=float(any(asks.search(question) for asks, _ in KINDS)),
        size=math.log(searched) / math.log(UNIT_PASSAGES),
    )


def kind_missing(question: str, scored: Sequence[ScoredSentence]) -> bool:
    """Whether a number, time or name is asked for that the fitting sentences do not hold.

    Likewise who holds a post, if nobody is said to hold it there.
    """
    around = (
        (item.text, f"{item.evidence.source.title} {item.evidence.passage.text}")
        for item in scored
        if item.answers
    )
    if holder_told(question, around) is False:
        return True
    best = sorted(
        (item for item in scored if item.answers), key=lambda item: (-item.near, -item.score)
    )[:LOOKED_AT]
    said = [item.text for item in best if item.near >= FITS * best[0].near]
    for asks, holds in KINDS:
        if asks.search(question):
            return not any(holds(text, question) for text in said)
    return False


def _holds_money(text: str, question: str) -> bool:
    return any(number.unit not in ("", "%") for number in facts.numbers(text))


def _holds_number(text: str, question: str) -> bool:
    return bool(facts.numbers(text) or ROUGH_NUMBER.search(text))


def _holds_year(text: str, question: str) -> bool:
    return bool(facts.YEAR.search(text))


def _holds_time(text: str, question: str) -> bool:
    return bool(facts.date_words(text) or TIME_WORDS.search(text))


def _holds_name(text: str, question: str) -> bool:
    """Whether a name stands there that the question does not hold already."""
    return bool(facts.name_words(text) - set(texts.words(question)))


KINDS = (
    (ASKS_MONEY, _holds_money),
    (ASKS_YEAR, _holds_year),
    (ASKS_TIME, _holds_time),
    (ASKS_NUMBER, _holds_number),
    (ASKS_NAME, _holds_name),
)


def cannot_say(found: Found) -> bool:
    """Whether a short question asks for what no article here can be: who is to say it, or when.

    It does not if a passage speaks of the year itself.
    """
    query = found.query
    if len(query.text.split()) >= LONG_QUESTION:
        return False
    if query.only_missing or (query.unreal and not query.periods):
        return True
    years = set(facts.YEAR.findall(query.text))
    told = any(year in item.passage.text for item in found.evidence for year in years)
    return found.nothing_then and bool(years) and not told


def answerable(signals: Signals) -> float:
    """Probability, 0..1, that the evidence answers a short question."""
    fitted = probability(signals.terms(), gate_numbers.SHORT_WEIGHTS, gate_numbers.SHORT_BIAS)
    return max(fitted, PLAINLY_SAID) if is_plainly_said(signals) else fitted


def is_plainly_said(signals: Signals) -> bool:
    """Whether one sentence, with its heading, holds every word that is asked for, and the kind."""
    return (
        signals.sentence_words >= ALL_WORDS
        and signals.length >= LEAST_WORDS / LONGEST
        and not signals.kind_missing
        and signals.best_cosine >= NEAR
    )


def answerable_wide(found: Wide) -> float:
    """The same for a question of several parts."""
    return probability(found.terms(), gate_numbers.WEIGHTS, gate_numbers.BIAS)


def refusal_text(nearest: Sequence[Source]) -> tuple[str, ...]:
    """What a refusal says: that the articles do not say it, and the nearest headlines."""
    if not nearest:
        return ("No article of this library has to do with it.",)
    titles = [f"“{s.title}”" + (f" ({s.byline})" if s.byline else "") for s in nearest]
    listed = titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
    return (f"The nearest to it: {listed}.",)

"""From what happened to each question to the figures of a report. Nothing here asks anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.cases import Case
from eval.metrics import Estimate, balanced_accuracy, contains_any, percentile, rate
from rag import Answer

Method = Literal["hybrid", "dense", "keyword"]

# The first is the one that answers are made from.
METHODS: tuple[Method, ...] = ("hybrid", "dense", "keyword")
CUTOFFS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one question.

    Attributes:
        answer: None if it could not be scored.
        unscorable: Why it could not, in words; empty if it could.
        gold_ranks: For an answerable question, by search method: rank of the first passage with a
            gold phrase, or None.
        intact: For each citation in order: whether the article still says that at that place.
        seconds: How long the answer took.
    """

    case: Case
    answer: Answer | None = None
    unscorable: str = ""
    gold_ranks: Mapping[Method, int | None]
    intact: tuple[bool, ...] = ()
    seconds: float = 0.0

    @property
    def cited(self) -> bool:
        """Whether a quote behind the answer holds a gold phrase. A refusal cites nothing."""
        if self.answer is None or self.answer.refused:
            return False
        quotes = (c.quote for sentence in self.answer.sentences for c in sentence.citations)
        return any(contains_any(self.case.gold, quote) for quote in quotes)

    @property
    def missed(self) -> str:
        """What went wrong, in words; empty if nothing did."""
        if self.answer is None:
            return f"not scored: {self.unscorable}"
        if not self.case.answerable:
            return "" if self.answer.refused else "answered, though the articles do not say it"
        if self.answer.refused:
            return "refused, though the articles say it"
        return "" if self.cited else "answered, but no cited quote holds a gold phrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one run. None stands where there was nothing to measure.

    Attributes:
        found: By search method and k: gold among the first k passages, over answerable questions.
        cited: A gold phrase inside a cited quote, over answerable questions; a refusal is a miss.
        refused_rightly: Refusals, over unanswerable questions.
        refused_by_kind: The same for each kind of unanswerable question: far ones are easy.
        refused_wrongly: Refusals, over answerable questions.
        balanced: Mean of answered-when-answerable and refused-when-not.
        intact: Citations whose words stand where they point, over all citations of all answers.
        broken: How many do not.
        milliseconds_p50: Median time of an answer.
        milliseconds_p95: Time that 95 % of the answers do not exceed.
    """

    found: Mapping[tuple[Method, int], Estimate | None]
    cited: Estimate | None
    refused_rightly: Estimate | None
    refused_by_kind: Mapping[str, Estimate]
    refused_wrongly: Estimate | None
    balanced: Estimate | None
    intact: Estimate | None
    broken: int
    milliseconds_p50: float | None
    milliseconds_p95: float | None


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures over all questions that could be scored."""
    scored = [outcome for outcome in outcomes if outcome.answer is not None]
    answerable = [outcome for outcome in scored if outcome.case.answerable]
    unanswerable = [outcome for outcome in scored if not outcome.case.answerable]
    refused = [is_refused(outcome) for outcome in unanswerable]
    refused_wrongly = [is_refused(outcome) for outcome in answerable]
    answered = [not wrongly for wrongly in refused_wrongly]
    intact = [flag for outcome in scored for flag in outcome.intact]
    milliseconds = [1000 * outcome.seconds for outcome in scored]
    return Figures(
        found={
            (how, k): _or_none(rate, [found_within(o, how, k) for o in answerable])
            for how in METHODS
            for k in CUTOFFS
        },
        cited=_or_none(rate, [outcome.cited for outcome in answerable]),
        refused_rightly=_or_none(rate, refused),
        refused_by_kind={
            kind: rate([is_refused(o) for o in unanswerable if o.case.kind == kind])
            for kind in dict.fromkeys(outcome.case.kind for outcome in unanswerable)
        },
        refused_wrongly=_or_none(rate, refused_wrongly),
        balanced=balanced_accuracy(answered, refused) if answered and refused else None,
        intact=_or_none(rate, intact),
        broken=intact.count(False),
        milliseconds_p50=percentile(milliseconds, 0.5) if milliseconds else None,
        milliseconds_p95=percentile(milliseconds, 0.95) if milliseconds else None,
    )


def is_refused(outcome: Outcome) -> bool:
    return outcome.answer is not None and outcome.answer.refused


def found_within(outcome: Outcome, how: Method, k: int) -> bool:
    return within_first(outcome.gold_ranks[how], k)


def within_first(rank: int | None, k: int) -> bool:
    """Whether something was found, and among the first ``k``."""
    return rank is not None and rank <= k


def _or_none(
    measure: Callable[[Sequence[bool]], Estimate], values: Sequence[bool]
) -> Estimate | None:
    return measure(values) if values else None

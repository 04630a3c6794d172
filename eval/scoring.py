"""How one answer is scored, and the figures over many. Nothing here asks a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.cases import Case
from eval.metrics import Estimate, balanced_accuracy, contains_any, percentile, rate
from rag import Answer, ArticleUnknown, Citation, Library

Method = Literal["hybrid", "dense", "keyword"]

# The first is the one that answers are drafted from.
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
        """Whether a cited quote holds a gold phrase. A refusal cites nothing."""
        if self.answer is None or self.answer.refused:
            return False
        return any(contains_any(self.case.gold, c.quote) for c in citations(self.answer))

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
class QuestionFigures:
    """The figures of one run; None where there was nothing to measure.

    Attributes:
        hits: By search method and k: gold among the first k passages, over answerable questions.
        citation_recall: A gold phrase inside a cited quote, over answerable questions; a refusal
            is a miss.
        citation_recall_by_kind: The same for each kind of answerable question.
        correct_refusals: Refusals, over unanswerable questions.
        correct_refusals_by_kind: The same for each kind of unanswerable question.
        false_refusals: Refusals, over answerable questions.
        false_refusals_by_kind: The same for each kind of answerable question.
        balanced_accuracy: Mean of answered-when-answerable and refused-when-not.
        citation_integrity: Citations whose article says the quote at the stored offsets, over all
            citations of all answers.
        broken_citations: How many citations fail that.
        milliseconds_p50: Median time of an answer.
        milliseconds_p95: Time that 95 % of the answers do not exceed.
    """

    hits: Mapping[tuple[Method, int], Estimate | None]
    citation_recall: Estimate | None
    citation_recall_by_kind: Mapping[str, Estimate]
    correct_refusals: Estimate | None
    correct_refusals_by_kind: Mapping[str, Estimate]
    false_refusals: Estimate | None
    false_refusals_by_kind: Mapping[str, Estimate]
    balanced_accuracy: Estimate | None
    citation_integrity: Estimate | None
    broken_citations: int
    milliseconds_p50: float | None
    milliseconds_p95: float | None


def figures(outcomes: Sequence[Outcome]) -> QuestionFigures:
    """The figures over all questions that could be scored."""
    scored = [outcome for outcome in outcomes if outcome.answer is not None]
    answerable = [outcome for outcome in scored if outcome.case.answerable]
    unanswerable = [outcome for outcome in scored if not outcome.case.answerable]
    refused = [is_refused(outcome) for outcome in unanswerable]
    falsely_refused = [is_refused(outcome) for outcome in answerable]
    answered = [not refusal for refusal in falsely_refused]
    intact = [flag for outcome in scored for flag in outcome.intact]
    milliseconds = [1000 * outcome.seconds for outcome in scored]
    return QuestionFigures(
        hits={
            (how, k): _rate([is_within(o.gold_ranks[how], k) for o in answerable])
            for how in METHODS
            for k in CUTOFFS
        },
        citation_recall=_rate([outcome.cited for outcome in answerable]),
        citation_recall_by_kind=_by_kind(answerable, lambda outcome: outcome.cited),
        correct_refusals=_rate(refused),
        correct_refusals_by_kind=_by_kind(unanswerable, is_refused),
        false_refusals=_rate(falsely_refused),
        false_refusals_by_kind=_by_kind(answerable, is_refused),
        balanced_accuracy=balanced_accuracy(answered, refused) if answered and refused else None,
        citation_integrity=_rate(intact),
        broken_citations=intact.count(False),
        milliseconds_p50=percentile(milliseconds, 0.5) if milliseconds else None,
        milliseconds_p95=percentile(milliseconds, 0.95) if milliseconds else None,
    )


def is_refused(outcome: Outcome) -> bool:
    return outcome.answer is not None and outcome.answer.refused


def is_within(rank: int | None, k: int) -> bool:
    """Whether something was found, and among the first ``k``."""
    return rank is not None and rank <= k


def citations(given: Answer) -> list[Citation]:
    """Every citation of an answer, in order."""
    return [citation for sentence in given.sentences for citation in sentence.citations]


def is_intact(citation: Citation, library: Library) -> bool:
    """Whether the library's article says exactly the quote at the citation's offsets."""
    try:
        words = library.text(citation.article_id, citation.start, citation.end)
    except (ArticleUnknown, ValueError):
        return False
    return words == citation.quote


def probability(given: Answer) -> float:
    """The chance, 0..1, that the question is answerable; 0 or 1 where none was computed."""
    return given.trace.chance if given.trace.chance is not None else float(not given.refused)


def _by_kind(
    outcomes: Sequence[Outcome], counts: Callable[[Outcome], bool]
) -> Mapping[str, Estimate]:
    """The share of outcomes that count, for each kind of question in order of appearance."""
    kinds: dict[str, list[bool]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.case.kind, []).append(counts(outcome))
    return {kind: rate(values) for kind, values in kinds.items()}


def _rate(values: Sequence[bool]) -> Estimate | None:
    return rate(values) if values else None

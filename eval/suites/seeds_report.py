"""The report of the suite over a case file."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.metrics import Estimate
from eval.report import Strata, bootstrap, differences, flat, versions
from eval.scoring import CUTOFFS, METHODS, Outcome, QuestionFigures
from eval.suites.retriever_comparison import Comparisons, compare

NAME_WIDTH = 34


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since an earlier run, over the questions that both scored.

    Attributes:
        figures: How far each has moved.
        better: What went wrong before, by question, where nothing does now.
        worse: What goes wrong now, by question, where nothing did before.
    """

    figures: Mapping[str, Estimate]
    better: Mapping[str, str]
    worse: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        return {**flat(self.figures), "better": dict(self.better), "worse": dict(self.worse)}

    def lines(self) -> Iterator[str]:
        """As lines of the table."""
        yield "minus the earlier run, same questions"
        yield from (_row(f"  {name}", estimate) for name, estimate in self.figures.items())
        for how, questions in (("better", self.better), ("worse", self.worse)):
            yield f"{how} than in the earlier run: {len(questions)} questions"
            yield from (f"  {question}: {missed}" for question, missed in questions.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedsReport:
    """One run.

    Attributes:
        library: The folder, or what was made for the run, in words.
        articles: How many articles it holds.
        cases_file: Name of the case file.
        cases_digest: SHA-256 of its bytes.
        changes: Since an earlier run; see `compared_with`.
    """

    suite: str
    backend: str
    library: str
    articles: int
    embedder: str
    cases_file: str
    cases_digest: str
    outcomes: tuple[Outcome, ...]
    figures: QuestionFigures
    changes: Changes | None = None

    def compared_with(self, earlier: Mapping[str, Any]) -> SeedsReport:
        """The same report with what has changed since an earlier run's JSON.

        Raises:
            FootnoteError: The earlier run is of another suite, or shares no question with this one.
        """
        now = _misses(map(case_dict, self.outcomes))
        before = _misses(earlier.get("cases") or ())
        shared = {
            question: (before[answerable][question], missed)
            for answerable, questions in now.items()
            for question, missed in questions.items()
            if question in before[answerable]
        }
        return replace(
            self,
            changes=Changes(
                differences(self.suite, earlier, _rightness(now), _rightness(before)),
                {question: was for question, (was, is_now) in shared.items() if was and not is_now},
                {
                    question: is_now
                    for question, (was, is_now) in shared.items()
                    if is_now and not was
                },
            ),
        )

    @property
    def comparisons(self) -> Comparisons:
        """The hybrid against its retrievers, over the answerable questions that were scored."""
        scored = [o for o in self.outcomes if o.answer is not None and o.case.answerable]
        return Comparisons(compare(self.cases_file, [outcome.gold_ranks for outcome in scored]))

    def to_dict(self) -> dict[str, Any]:
        """All of the run as JSON values; shares in 0..1, times in milliseconds."""
        return {
            "suite": self.suite,
            "settings": {
                "backend": self.backend,
                "library": self.library,
                "articles": self.articles,
                "embedder": self.embedder,
                "cases": self.cases_file,
                "cases_sha256": self.cases_digest,
                "questions": len(self.outcomes),
                "bootstrap": bootstrap(),
            },
            "versions": versions(),
            "machine": platform.platform(),
            "figures": figures_dict(self.figures),
            "retriever_comparison": self.comparisons.to_list(),
            "cases": [case_dict(outcome) for outcome in self.outcomes],
            **({"against": self.changes.to_dict()} if self.changes else {}),
        }

    def table(self) -> str:
        """The figures as lines of text."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        figures = self.figures
        answerable = sum(outcome.case.answerable for outcome in self.outcomes)
        yield f"{self.articles} articles ({self.library}), backend {self.backend}"
        yield (
            f"{answerable} answerable and {len(self.outcomes) - answerable} unanswerable questions"
            f" ({self.cases_file})"
        )
        yield ""
        yield f"{'':{NAME_WIDTH}} share   95 % interval     of"
        for how in METHODS:
            for k in CUTOFFS:
                yield _row(f"hits@{k}, {how}", figures.hits[how, k])
        yield from self.comparisons.lines()
        for name, share, by_kind in (
            ("citation recall", figures.citation_recall, figures.citation_recall_by_kind),
            ("correct refusals", figures.correct_refusals, figures.correct_refusals_by_kind),
            ("false refusals", figures.false_refusals, figures.false_refusals_by_kind),
        ):
            yield _row(name, share)
            yield from (_row(f"  of kind {k or 'unnamed'}", e) for k, e in by_kind.items())
        yield _row("balanced accuracy of refusals", figures.balanced_accuracy)
        row = _row("citation integrity", figures.citation_integrity)
        yield f"{row}   broken: {figures.broken_citations}"
        yield ""
        yield _times(figures)
        yield from self._unscored()
        if self.changes:
            yield ""
            yield from self.changes.lines()

    def _unscored(self) -> Iterator[str]:
        unscored = [outcome for outcome in self.outcomes if outcome.answer is None]
        if unscored:
            yield f"NOT SCORED and left out above: {len(unscored)} questions"
            yield from (f"  {outcome.case.id}: {outcome.unscorable}" for outcome in unscored)

    def misses(self) -> str:
        """Every question that went wrong, with what was answered."""
        blocks = [_miss(outcome) for outcome in self.outcomes if outcome.missed]
        return "\n\n".join(blocks) if blocks else "No misses."


def figures_dict(figures: QuestionFigures) -> dict[str, Any]:
    """The figures as JSON values; None where nothing was measured."""

    def plain(estimate: Estimate | None) -> dict[str, Any] | None:
        return None if estimate is None else asdict(estimate)

    def by_kind(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
        return {kind: asdict(estimate) for kind, estimate in estimates.items()}

    return {
        "hits": {how: {str(k): plain(figures.hits[how, k]) for k in CUTOFFS} for how in METHODS},
        "citation_recall": plain(figures.citation_recall),
        "citation_recall_by_kind": by_kind(figures.citation_recall_by_kind),
        "correct_refusals": plain(figures.correct_refusals),
        "correct_refusals_by_kind": by_kind(figures.correct_refusals_by_kind),
        "false_refusals": plain(figures.false_refusals),
        "false_refusals_by_kind": by_kind(figures.false_refusals_by_kind),
        "balanced_accuracy": plain(figures.balanced_accuracy),
        "citation_integrity": plain(figures.citation_integrity),
        "broken_citations": figures.broken_citations,
        "answer_milliseconds": {
            "p50": figures.milliseconds_p50,
            "p95": figures.milliseconds_p95,
        },
    }


def case_dict(outcome: Outcome) -> dict[str, Any]:
    """One question and its outcome as JSON values."""
    case, given = outcome.case, outcome.answer
    return {
        "id": case.id,
        "question": case.question,
        "kind": case.kind,
        "answerable": case.answerable,
        "scored": given is not None,
        "missed": outcome.missed,
        "refused": None if given is None else given.refused,
        "answer": None if given is None else given.text,
        "gold_ranks": dict(outcome.gold_ranks) if case.answerable and given else None,
        "milliseconds": None if given is None else round(1000 * outcome.seconds, 3),
    }


def _misses(cases: Iterable[Mapping[str, Any]]) -> dict[bool, dict[str, str]]:
    """What went wrong with each scored question, by whether it is answerable, of `case_dict`s."""
    found: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for case in cases:
        if case["scored"]:
            found[case["answerable"]][f"{case['id']} {case['question']}"] = case["missed"]
    return found


def _rightness(misses: Mapping[bool, Mapping[str, str]]) -> Mapping[str, Strata]:
    """Values of 1 and 0, of which the figures that `Changes` tells are means."""
    values = {
        answerable: [{question: float(not missed) for question, missed in questions.items()}]
        for answerable, questions in misses.items()
    }
    return {"citation recall": values[True], "correct refusals": values[False]}


def _row(name: str, estimate: Estimate | None) -> str:
    if estimate is None:
        return f"{name:{NAME_WIDTH}} nothing to measure"
    return (
        f"{name:{NAME_WIDTH}} {estimate.value:5.3f}   {estimate.low:.3f} to {estimate.high:.3f}"
        f"  {estimate.n:5}"
    )


def _times(figures: QuestionFigures) -> str:
    if figures.milliseconds_p50 is None or figures.milliseconds_p95 is None:
        return "milliseconds an answer: nothing was measured"
    return (
        f"milliseconds an answer, warm: p50 {figures.milliseconds_p50:.1f},"
        f" p95 {figures.milliseconds_p95:.1f}"
    )


def _miss(outcome: Outcome) -> str:
    case = outcome.case
    lines = [f"{case.id} ({case.kind}) {case.question}", f"    {outcome.missed}"]
    if case.gold:
        lines.append("    gold: " + " | ".join(case.gold))
    if outcome.answer is not None:
        lines.append(f"    answer: {outcome.answer.text}")
    return "\n".join(lines)

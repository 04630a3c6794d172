"""Fitting the gate's numbers, cross-validated by question; here for those of several parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.abstention import shelf_of, without
from eval.datasets import Question
from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from eval.training import bounded_logistic
from rag import Filters, Library, SentenceScorer, assess

NUMBERS = Path(__file__).resolve().parent.parent / "rag" / "gating" / "gate_numbers.py"
OF_PUBLISHERS = (
    *("publisher_known", "publisher_missing", "worst_side", "mean_side"),
    *("worst_side_cosine", "mean_side_cosine"),
)
PASSAGES = 8
FOLDS = 10
# How much the unanswerable questions of each kind weigh, the answerable weighing as much as both.
NATURAL, REMOVED = 2.0, 1.0
# A question refused wrongly weighs this much, against 1 for one answered wrongly.
ANSWERING = 1.3
SOFTNESS = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One question's signals; ``kind`` is the sort of question, or where it was asked."""

    question: str
    kind: str
    values: Mapping[str, float]
    answerable: bool


def rows(questions: Sequence[Question], library: Library) -> tuple[Row, ...]:
    """Every question as it is, and the answerable ones again with their articles hidden."""
    shelf = shelf_of(library)
    found: list[Row] = []
    for question in questions:
        found.append(_row(question.text, "yes" if question.answerable else "natural", library))
        if question.answerable:
            hidden = Filters(not_articles=without(question, shelf))
            found.append(_row(question.text, "removed", library, hidden))
    return tuple(row for row in found if row.values)


def _row(question: str, kind: str, library: Library, filters: Filters | None = None) -> Row:
    retriever = library.retriever()
    query = retriever.parse(question)
    wide = assess(query, retriever, SentenceScorer(retriever), PASSAGES, filters).multi_part
    return Row(question, kind, wide.terms() if wide else {}, kind == "yes")


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights by signal and a bias; at a total of 0 the chance is one half."""

    weights: Mapping[str, float]
    bias: float

    def total(self, values: Mapping[str, float]) -> float:
        return self.bias + sum(weight * values[name] for name, weight in self.weights.items())


def fit(found: Sequence[Row], names: Sequence[str]) -> Fit:
    """A logistic regression; its threshold is where the two balanced accuracies are best."""
    counts = {
        kind: sum(row.kind == kind for row in found) for kind in ("yes", "natural", "removed")
    }
    shares = {"yes": NATURAL + REMOVED, "natural": NATURAL, "removed": REMOVED}
    weight = [1000 * shares[row.kind] / counts[row.kind] for row in found]
    made = regression(found, weight, dict.fromkeys(names, bounded_logistic.EITHER), SOFTNESS)
    return Fit(made.weights, round(made.bias - threshold(found, made.total), 4))


def regression(
    found: Sequence[Row],
    weights: Sequence[float],
    bounds: Mapping[str, bounded_logistic.Bounds],
    softness: float,
) -> Fit:
    """Logistic regression on the signals that have bounds, with a ridge of 1 / softness.

    Raises:
        MissingExtra: SciPy is not installed.
    """
    table = np.array([[row.values[name] for name in bounds] for row in found])
    labels = np.array([row.answerable for row in found])
    slopes, bias = bounded_logistic.signed_ridge(
        table, labels, np.array(weights), tuple(bounds.values()), 1 / softness
    )
    slopes = np.round(slopes, 4) + 0.0
    return Fit(dict(zip(bounds, slopes.tolist(), strict=True)), round(bias, 4))


def folds(found: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Ten times nine tenths and the tenth left out; a question is never in both."""
    order = {question: n for n, question in enumerate(sorted({row.question for row in found}))}
    for number in range(FOLDS):
        left = [row for row in found if order[row.question] % FOLDS == number]
        yield [row for row in found if order[row.question] % FOLDS != number], left


def of_publishers(name: str) -> bool:
    """Whether a term tells of publishers."""
    return any(part in OF_PUBLISHERS for part in name.split("*"))


def threshold(found: Sequence[Row], total: Callable[[Mapping[str, float]], float]) -> float:
    """The total above which answering is right most often, natural and removal alike."""
    totals = {
        kind: np.array([total(row.values) for row in found if row.kind == kind])
        for kind in ("yes", "natural", "removed")
    }
    steps = np.quantile(np.concatenate(list(totals.values())), np.linspace(0.02, 0.98, 97))

    def worth(step: float) -> float:
        refused = [
            float((part < step).mean()) for k, part in totals.items() if k != "yes" and len(part)
        ]
        answered = float((totals["yes"] >= step).mean())
        return ANSWERING * answered * len(refused) + sum(refused)

    return float(max(steps, key=worth))


def crossed(found: Sequence[Row], names: Sequence[str]) -> dict[str, dict[str, Estimate]]:
    """Figures on questions that had no part in the fit: each tenth judged by the other nine."""
    totals: dict[str, list[float]] = {"yes": [], "natural": [], "removed": []}
    for others, judged in folds(found):
        made = fit(others, names)
        for row in judged:
            totals[row.kind].append(made.total(row.values))
    answered = [total >= 0 for total in totals["yes"]]
    figures = {}
    for kind in ("natural", "removed"):
        refused = [total < 0 for total in totals[kind]]
        figures[kind] = {
            "balanced_accuracy": balanced_accuracy(answered, refused),
            "answered_of_answerable": rate(answered),
            "refused_of_unanswerable": rate(refused),
            "auroc": auroc(totals["yes"], totals[kind]),
        }
    return figures


def module(wide: Fit, short: Fit) -> str:
    """The numbers as a module to be read by people."""
    return (
        '"""The gate\'s numbers, for questions of several parts and for short ones.\n\n'
        "Logistic regressions, written by ``python -m eval gate --fit --data DIR --scraped DIR``.\n"
        '"""\n\n'
        "from __future__ import annotations\n\n"
        "from collections.abc import Mapping\n\n"
        f"{_written(wide, '')}\n{_written(short, 'SHORT_')}"
    )


def _written(made: Fit, prefix: str) -> str:
    counting = ((name, weight) for name, weight in made.weights.items() if weight)
    lines = "".join(f'    "{name}": {weight},\n' for name, weight in counting)
    told = f"{prefix}WEIGHTS: Mapping[str, float] = {{\n{lines}}}\n"
    return f"{told}{prefix}BIAS = {made.bias}\n"

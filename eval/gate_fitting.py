"""Fitting the gate's numbers for questions of several parts, cross-validated by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pprint import pformat

import numpy as np

from eval.abstention import shelf_of, without
from eval.bench import Question
from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from rag import Filters, Library, weigh

NUMBERS = Path(__file__).resolve().parent.parent / "rag" / "gate_numbers.py"
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
    """One question's signals. ``kind`` is yes, natural or removed."""

    question: str
    kind: str
    values: Mapping[str, float]


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
    wide = weigh(question, library, k=PASSAGES, filters=filters).wide
    return Row(question, kind, wide.terms() if wide else {})


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights by signal and a bias; at a total of 0 the chance is one half."""

    weights: Mapping[str, float]
    bias: float

    def total(self, values: Mapping[str, float]) -> float:
        return self.bias + sum(weight * values[name] for name, weight in self.weights.items())


def fit(found: Sequence[Row], names: Sequence[str]) -> Fit:
    """A logistic regression; its threshold is where the two balanced accuracies are best."""
    from sklearn.linear_model import LogisticRegression

    table = np.array([[row.values[name] for name in names] for row in found])
    center, scale = table.mean(axis=0), table.std(axis=0)
    scale[scale < 1e-9] = 1.0
    counts = {
        kind: sum(row.kind == kind for row in found) for kind in ("yes", "natural", "removed")
    }
    shares = {"yes": NATURAL + REMOVED, "natural": NATURAL, "removed": REMOVED}
    weight = [1000 * shares[row.kind] / counts[row.kind] for row in found]
    model = LogisticRegression(C=SOFTNESS, max_iter=2000)
    model.fit((table - center) / scale, [row.kind == "yes" for row in found], weight)
    slopes = model.coef_[0] / scale
    made = Fit(
        {name: round(float(slope), 4) for name, slope in zip(names, slopes, strict=True)},
        float(model.intercept_[0] - slopes @ center),
    )
    return Fit(made.weights, round(made.bias - threshold(found, made.total), 4))


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
    order = {question: n for n, question in enumerate(sorted({row.question for row in found}))}
    fold = [order[row.question] % FOLDS for row in found]
    totals: dict[str, list[float]] = {"yes": [], "natural": [], "removed": []}
    for number in range(FOLDS):
        made = fit([row for row, f in zip(found, fold, strict=True) if f != number], names)
        for row, f in zip(found, fold, strict=True):
            if f == number:
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


def module(made: Fit, command: str) -> str:
    """The numbers as a module to be read by people."""
    weights = pformat(dict(made.weights), sort_dicts=False, width=90)
    inner = weights.strip("{}").replace("\n ", "\n    ").replace("'", '"')
    return (
        '"""The gate\'s numbers for questions of several parts: logistic regression.\n\n'
        f"Written by ``{command}``.\n"
        '"""\n\n'
        "from __future__ import annotations\n\n"
        "from collections.abc import Mapping\n\n"
        f"WEIGHTS: Mapping[str, float] = {{\n    {inner},\n}}\n"
        f"BIAS = {made.bias}\n"
    )

"""Fits the answerability classifier and cross-validates it by question.

There are two logistic regressions: for questions that name publishers ("multi-part") and for all
others ("single"). At a total of 0 the predicted chance is one half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from eval.training import bounded_logistic, weights
from eval.training.answerability_data import (
    ANSWERABLE,
    NATURAL,
    REMOVED,
    SINGLE_SHARES,
    Example,
)

FILE = "answerability.json"
PUBLISHER_FEATURES = (
    *("publisher_known", "publisher_missing", "worst_side", "mean_side"),
    *("worst_side_cosine", "mean_side_cosine"),
)
FOLDS = 10

# Multi-part questions. Weight of each kind; the answerable ones weigh as much as both others.
MULTI_PART_SHARES = {ANSWERABLE: 3.0, NATURAL: 2.0, REMOVED: 1.0}
# What a false refusal costs, against 1 for a question answered wrongly.
MULTI_PART_REFUSAL_COST = 1.3
# Inverse strength of the ridge.
MULTI_PART_C = 0.1

# Single questions. The fewer passages there are, the likelier the reader chose them for the
# question: a false refusal costs more there.
SINGLE_REFUSAL_COSTS: Mapping[str, float] = {
    "one passage": 3.0,
    "seeds": 2.0,
    "seeds as scraped": 2.0,
}
SINGLE_REFUSAL_COST = 1.5
# .05 to .2 do as well on the questions that this was chosen on, and a little worse on later ones.
SINGLE_C = 0.02


@dataclass(frozen=True, slots=True)
class AnswerabilityFit:
    """Weights by feature and a bias."""

    weights: Mapping[str, float]
    bias: float

    def total(self, features: Mapping[str, float]) -> float:
        """The logit of a question's features."""
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())


def fit_multi_part(examples: Sequence[Example], names: Sequence[str]) -> AnswerabilityFit:
    """Fits multi-part questions on the named features, with the best threshold as the bias."""
    counts = {kind: sum(each.kind == kind for each in examples) for kind in MULTI_PART_SHARES}
    case_weights = [1000 * MULTI_PART_SHARES[each.kind] / counts[each.kind] for each in examples]
    bounds = dict.fromkeys(names, bounded_logistic.EITHER)
    made = _regression(examples, case_weights, bounds, MULTI_PART_C)
    threshold = best_refusal_threshold(examples, made.total)
    return AnswerabilityFit(made.weights, round(made.bias - threshold, weights.DIGITS))


def fit_single(examples: Sequence[Example]) -> AnswerabilityFit:
    """Fits single questions; at a total of 0 the weighted errors of both kinds balance."""
    counts: dict[tuple[str, bool], int] = {}
    for each in examples:
        counts[each.kind, each.answerable] = counts.get((each.kind, each.answerable), 0) + 1
    case_weights = [
        100 * SINGLE_SHARES[each.kind] * refusal_cost(each) / counts[each.kind, each.answerable]
        for each in examples
    ]
    return _regression(examples, case_weights, directions(tuple(examples[0].features)), SINGLE_C)


def _regression(
    examples: Sequence[Example],
    case_weights: Sequence[float],
    bounds: Mapping[str, bounded_logistic.Bounds],
    c: float,
) -> AnswerabilityFit:
    """Logistic regression on the features that have bounds, with a ridge of 1 / c.

    Raises:
        MissingExtra: SciPy is not installed.
    """
    table = np.array([[each.features[name] for name in bounds] for each in examples])
    labels = np.array([each.answerable for each in examples])
    slopes, bias = bounded_logistic.fit_bounded(
        table, labels, np.array(case_weights), tuple(bounds.values()), 1 / c
    )
    # Adding 0 turns -0.0 into 0.0.
    slopes = np.round(slopes, weights.DIGITS) + 0.0
    fitted = dict(zip(bounds, slopes.tolist(), strict=True))
    return AnswerabilityFit(fitted, round(bias, weights.DIGITS))


def directions(names: Sequence[str]) -> dict[str, bounded_logistic.Bounds]:
    """Bounds of the weights: evidence never counts against an answer, in no circumstances."""
    evidence = {name.split("*no ")[0] for name in names if "*no " in name}
    return {
        name: bounded_logistic.FOR if name.split("*")[0] in evidence else bounded_logistic.EITHER
        for name in names
    }


def refusal_cost(example: Example) -> float:
    """What a wrong decision on a single question costs."""
    if not example.answerable:
        return 1.0
    return SINGLE_REFUSAL_COSTS.get(example.kind, SINGLE_REFUSAL_COST)


def is_about_publishers(name: str) -> bool:
    """Whether a feature describes publishers."""
    return any(part in PUBLISHER_FEATURES for part in name.split("*"))


def best_refusal_threshold(
    examples: Sequence[Example], total: Callable[[Mapping[str, float]], float]
) -> float:
    """The total above which answering is right most often, both kinds of refusal alike."""
    totals = {
        kind: np.array([total(each.features) for each in examples if each.kind == kind])
        for kind in MULTI_PART_SHARES
    }
    steps = np.quantile(np.concatenate(list(totals.values())), np.linspace(0.02, 0.98, 97))

    def worth(step: float) -> float:
        refused = [
            float((part < step).mean())
            for kind, part in totals.items()
            if kind != ANSWERABLE and len(part)
        ]
        answered = float((totals[ANSWERABLE] >= step).mean())
        return MULTI_PART_REFUSAL_COST * answered * len(refused) + sum(refused)

    return float(max(steps, key=worth))


def folds(examples: Sequence[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    """Ten times nine tenths and the tenth left out; a question is never in both."""
    order = {question: n for n, question in enumerate(sorted({each.question for each in examples}))}
    for number in range(FOLDS):
        left_out = [each for each in examples if order[each.question] % FOLDS == number]
        yield [each for each in examples if order[each.question] % FOLDS != number], left_out


def cross_validate_multi_part(
    examples: Sequence[Example], names: Sequence[str]
) -> dict[str, dict[str, Estimate]]:
    """Figures for each kind of unanswerable question; each tenth is judged by the other nine."""
    totals: dict[str, list[float]] = {kind: [] for kind in MULTI_PART_SHARES}
    for others, judged in folds(examples):
        made = fit_multi_part(others, names)
        for each in judged:
            totals[each.kind].append(made.total(each.features))
    return {
        kind: figures(totals[ANSWERABLE], totals[kind])
        for kind in (NATURAL, REMOVED)
        if totals[kind]
    }


def cross_validate_single(examples: Sequence[Example]) -> dict[str, dict[str, Estimate]]:
    """Figures by kind; each tenth is judged by the other nine."""
    totals: list[tuple[Example, float]] = []
    for others, judged in folds(examples):
        made = fit_single(others)
        totals += [(each, made.total(each.features)) for each in judged]
    return {
        kind: figures(
            [total for each, total in totals if each.kind == kind and each.answerable],
            [total for each, total in totals if each.kind == kind and not each.answerable],
        )
        for kind in dict.fromkeys(each.kind for each in examples)
    }


def figures(yes: Sequence[float], no: Sequence[float]) -> dict[str, Estimate]:
    """From the totals of answerable and unanswerable questions; one of them may be empty."""
    answered, refused = [total >= 0 for total in yes], [total < 0 for total in no]
    measured: dict[str, Estimate] = {}
    if yes and no:
        measured["balanced_accuracy"] = balanced_accuracy(answered, refused)
    if yes:
        measured["answered_of_answerable"] = rate(answered)
    if no:
        measured["refused_of_unanswerable"] = rate(refused)
    if yes and no:
        measured["auroc"] = auroc(yes, no)
    return measured


def store(multi_part: AnswerabilityFit, single: AnswerabilityFit) -> Path:
    """Writes ``rag/data/answerability.json`` and returns its path.

    Raises:
        FootnoteError: The file cannot be written.
    """
    values = {"single": _stored(single), "multi_part": _stored(multi_part)}
    return weights.store(
        FILE, values, "python -m eval fit answerability --data FOLDER --scraped FOLDER"
    )


def _stored(made: AnswerabilityFit) -> dict[str, Any]:
    return {"bias": made.bias, "weights": weights.rounded(made.weights)}

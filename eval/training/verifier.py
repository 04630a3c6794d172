"""Fitting the check: logistic regression on signals, by documents, and calibrated.

A signal may only speak for what it is meant to speak for: a missing number never makes support
more likely, whatever a few documents say. That keeps out chance, of which a hundred documents
with thirty edits each hold much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.training import bounded_logistic
from eval.training.bounded_logistic import signed_ridge
from eval.verifier_data import Pair, half_weights
from rag import FootnoteError, MissingExtra, support_signals

FITTED = Path(__file__).resolve().parent.parent / "rag" / "checking" / "fitted.py"
FOLDS = 10
# Strength of the ridge on standardised signals; 150 to 600 give the same figures.
RIDGE = 333.0
# The higher these, the better; and these only describe, so that they may count either way.
FOR = ("held", "kept")
EITHER = ("number_any", "name_any", "denied_any", "missing_plain", "missing_verb")
EITHER += ("sentences_there",)

# Public pairs hold few passages that have nothing to do with the claim, so this one weight, in
# logits, is set and not fitted: what stands nowhere near is never supported.
STRANGER, STRANGER_WEIGHT = "stranger", -1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights on the raw signals, and what cross-validation gave for each pair.

    ``below`` stretches what lies below even chances, where one slope for all says too little.
    ``held_out`` are the calibrated probabilities of the given pairs, each from the folds that
    its document was not in.
    """

    bias: float
    weights: Mapping[str, float]
    below: float
    held_out: tuple[float, ...]


def fit(pairs: Sequence[Pair]) -> Fit:
    """Fits on all pairs; the probabilities come from ten folds by document.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.model_selection import GroupKFold
    except ImportError as error:
        raise MissingExtra("Fitting the check", "pip install 'footnote-rag[eval]'") from error

    signals = [support_signals(pair.passage, pair.claim) for pair in pairs]
    names = sorted({name for each in signals for name in each} - {STRANGER})
    matrix = np.array([[each.get(name, 0.0) for name in names] for each in signals])
    labels = np.array([pair.label for pair in pairs])
    weights = half_weights(list(labels), [row.family for row in pairs])
    groups = [pair.document for pair in pairs]

    bounds = directions(names)

    def train(chosen: np.ndarray) -> tuple[np.ndarray, float]:
        return signed_ridge(matrix[chosen], labels[chosen], weights[chosen], bounds, RIDGE)

    held_out = np.zeros(len(pairs))
    for chosen, left in GroupKFold(FOLDS).split(matrix, labels, groups):
        raw, bias = train(chosen)
        held_out[left] = matrix[left] @ raw + bias
    raw, bias = train(np.arange(len(pairs)))
    strange = np.array([each.get(STRANGER, 1.0) for each in signals])
    slope, offset, below, probabilities = calibrated(held_out, strange, labels, weights)
    fitted = {name: float(slope * value) for name, value in zip(names, raw, strict=True)}
    fitted[STRANGER] = STRANGER_WEIGHT
    return Fit(slope * bias + offset, fitted, below, tuple(probabilities.tolist()))


def calibrated(
    held_out: np.ndarray, strange: np.ndarray, labels: np.ndarray, weights: np.ndarray
) -> tuple[float, float, float, np.ndarray]:
    """Slope, offset and the stretch below even chances, and the probabilities that they give.

    A ridge makes too modest; all three are fitted on held-out values, which undoes that.
    """
    from sklearn.linear_model import LogisticRegression

    platt = LogisticRegression(C=1e6)
    platt.fit(held_out[:, None], labels, sample_weight=weights)
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    logits = slope * held_out + offset + STRANGER_WEIGHT * strange
    low = logits < 0
    platt = LogisticRegression(C=1e6, fit_intercept=False)
    platt.fit(logits[low, None], labels[low], sample_weight=weights[low])
    below = float(platt.coef_[0, 0])
    return slope, offset, below, 1 / (1 + np.exp(-np.where(low, below * logits, logits)))


def directions(names: Sequence[str]) -> list[bounded_logistic.Bounds]:
    """Bounds of each signal's weight: which way it may count."""
    return [
        bounded_logistic.EITHER
        if name in EITHER
        else bounded_logistic.FOR
        if name.startswith(FOR)
        else bounded_logistic.AGAINST
        for name in names
    ]


def store(made: Fit, source: str) -> None:
    """Writes the numbers as a module that needs no disk to be read.

    Raises:
        FootnoteError: The file cannot be written.
    """
    lines = [
        '"""The numbers of the fitted check, on signals in 0..1.',
        "",
        f"Written by ``python -m eval verifier --data {source} --fit``: a logistic",
        "regression with a ridge, each weight of the sign that its signal means, and on top one",
        "slope and offset, so that 0.9 means nine in ten where half of the claims are supported.",
        '"""',
        "",
        f"BIAS = {made.bias:.4f}",
        "# Below even chances the sum counts by so much.",
        f"BELOW = {made.below:.4f}",
        "# Whole sentences of an article, word for word; not fitted.",
        "VERBATIM = 0.99",
        "WEIGHTS: dict[str, float] = {",
        *(f'    "{name}": {value:.4f},' for name, value in sorted(made.weights.items())),
        "}",
    ]
    try:
        FITTED.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise FootnoteError(f"{FITTED} cannot be written ({error.strerror}).") from error

"""Fitting the check: logistic regression on signals, by documents, and calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.pairs import Pair, half_weights
from rag import FootnoteError, MissingExtra, support_signals

FITTED = Path(__file__).resolve().parent.parent / "rag" / "fitted.py"
FOLDS = 10
# Inverse strength of the ridge. Weak signals, many of them: .002 to .01 give the same figures.
RIDGE = 0.003

# Public pairs hold few passages that have nothing to do with the claim, so this one weight, in
# logits, is set and not fitted: what stands nowhere near is never supported.
STRANGER, STRANGER_WEIGHT = "stranger", -1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights on the raw signals, and what cross-validation gave for each pair.

    ``held_out`` are the calibrated probabilities of the given pairs, each from the folds that
    its document was not in.
    """

    bias: float
    weights: Mapping[str, float]
    held_out: tuple[float, ...]


def fit(pairs: Sequence[Pair]) -> Fit:
    """Fits on all pairs; the probabilities come from ten folds by document.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold
    except ImportError as error:
        raise MissingExtra("Fitting the check", "pip install 'footnote-rag[eval]'") from error

    signals = [support_signals(pair.passage, pair.claim) for pair in pairs]
    names = sorted({name for each in signals for name in each} - {STRANGER})
    matrix = np.array([[each.get(name, 0.0) for name in names] for each in signals])
    labels = np.array([pair.label for pair in pairs])
    weights = half_weights(list(labels), [row.family for row in pairs])
    groups = [pair.document for pair in pairs]

    def train(chosen: np.ndarray) -> tuple[np.ndarray, float]:
        centre, spread = matrix[chosen].mean(0), matrix[chosen].std(0)
        spread[spread < 1e-9] = 1.0
        model = LogisticRegression(C=RIDGE, max_iter=5_000)
        model.fit((matrix[chosen] - centre) / spread, labels[chosen], sample_weight=weights[chosen])
        raw = model.coef_[0] / spread
        return raw, float(model.intercept_[0] - raw @ centre)

    held_out = np.zeros(len(pairs))
    for chosen, left in GroupKFold(FOLDS).split(matrix, labels, groups):
        raw, bias = train(chosen)
        held_out[left] = matrix[left] @ raw + bias
    raw, bias = train(np.arange(len(pairs)))
    # A ridge makes too modest: one slope and one offset, fitted on the held-out values, undo that.
    platt = LogisticRegression(C=1e6)
    platt.fit(held_out[:, None], labels, sample_weight=weights)
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    strange = np.array([each.get(STRANGER, 1.0) for each in signals])
    probabilities = 1 / (1 + np.exp(-(slope * held_out + offset + STRANGER_WEIGHT * strange)))
    fitted = {name: float(slope * value) for name, value in zip(names, raw, strict=True)}
    fitted[STRANGER] = STRANGER_WEIGHT
    return Fit(slope * bias + offset, fitted, tuple(probabilities.tolist()))


def store(made: Fit, source: str) -> None:
    """Writes the numbers as a module that needs no disk to be read.

    Raises:
        FootnoteError: The file cannot be written.
    """
    lines = [
        '"""The numbers of the fitted check, on signals in 0..1.',
        "",
        f"Written by ``python -m eval verifier --data {source} --fit``: a logistic",
        "regression with a ridge, and on top one slope and offset, so that 0.9 means nine in ten",
        "where half of the claims are supported.",
        '"""',
        "",
        f"BIAS = {made.bias:.4f}",
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

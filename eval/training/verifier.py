"""Fits the built-in verifier: a calibrated logistic regression, cross-validated by document.

Each feature may only count in the direction that it means: a missing number never makes support
more likely, even where a few documents suggest otherwise. That keeps out chance, since the
training pairs come from a hundred documents with thirty edits each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.training import bounded_logistic, weights
from eval.training.bounded_logistic import fit_bounded
from eval.verifier_data import Pair, balanced_weights
from rag import MissingExtra, support_features

FILE = "verifier.json"
FOLDS = 10
# Strength of the ridge on standardised features; 150 to 600 give the same figures.
RIDGE = 333.0
# Features whose names start like this speak for support, these may count either way, and all
# others speak against it.
FOR = ("held", "kept")
EITHER = (
    *("number_any", "name_any", "denied_any", "missing_plain", "missing_verb"),
    "sentences_there",
)

# Public pairs hold few passages that have nothing to do with the claim, so this one weight, in
# logits, is set and not fitted: a claim whose words occur nowhere near is never supported.
STRANGER, STRANGER_WEIGHT = "stranger", -1.0
# The score of whole article sentences, word for word; set and not fitted.
VERBATIM = 0.99


@dataclass(frozen=True, slots=True)
class VerifierFit:
    """A fitted verifier.

    Attributes:
        bias: In logits.
        weights: By feature, on features in 0..1 as they are.
        below: Factor on negative logits, where one slope for all is too flat.
        cross_validated: The calibrated probability of each training pair, from the folds that its
            document was not in.
    """

    bias: float
    weights: Mapping[str, float]
    below: float
    cross_validated: tuple[float, ...]


def fit(pairs: Sequence[Pair]) -> VerifierFit:
    """Fits on all pairs; the probabilities come from ten folds by document.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.model_selection import GroupKFold
    except ImportError as error:
        raise MissingExtra("Fitting the verifier", "pip install 'footnote-rag[eval]'") from error

    features = [support_features(pair.passage, pair.claim) for pair in pairs]
    names = sorted({name for each in features for name in each} - {STRANGER})
    matrix = np.array([[each.get(name, 0.0) for name in names] for each in features])
    labels = np.array([pair.label for pair in pairs])
    pair_weights = balanced_weights(list(labels), [row.family for row in pairs])
    groups = [pair.document for pair in pairs]
    bounds = directions(names)

    def train(chosen: NDArray[np.intp]) -> tuple[NDArray[np.float64], float]:
        return fit_bounded(matrix[chosen], labels[chosen], pair_weights[chosen], bounds, RIDGE)

    logits = np.zeros(len(pairs))
    for chosen, left_out in GroupKFold(FOLDS).split(matrix, labels, groups):
        raw, bias = train(chosen)
        logits[left_out] = matrix[left_out] @ raw + bias
    raw, bias = train(np.arange(len(pairs)))
    stranger = np.array([each.get(STRANGER, 1.0) for each in features])
    slope, offset, below, probabilities = calibrate(logits, stranger, labels, pair_weights)
    fitted = {name: float(slope * value) for name, value in zip(names, raw, strict=True)}
    fitted[STRANGER] = STRANGER_WEIGHT
    return VerifierFit(slope * bias + offset, fitted, below, tuple(probabilities.tolist()))


def calibrate(
    logits: NDArray[np.float64],
    stranger: NDArray[np.float64],
    labels: NDArray[np.int_],
    pair_weights: NDArray[np.float64],
) -> tuple[float, float, float, NDArray[np.float64]]:
    """Slope, offset and the factor on negative logits, and the probabilities that they give.

    A ridge makes probabilities too modest; all three are fitted on cross-validated logits, which
    undoes that.
    """
    from sklearn.linear_model import LogisticRegression

    platt = LogisticRegression(C=1e6)
    platt.fit(logits[:, None], labels, sample_weight=pair_weights)
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    scaled = slope * logits + offset + STRANGER_WEIGHT * stranger
    low = scaled < 0
    platt = LogisticRegression(C=1e6, fit_intercept=False)
    platt.fit(scaled[low, None], labels[low], sample_weight=pair_weights[low])
    below = float(platt.coef_[0, 0])
    return slope, offset, below, 1 / (1 + np.exp(-np.where(low, below * scaled, scaled)))


def directions(names: Sequence[str]) -> list[bounded_logistic.Bounds]:
    """Bounds of each feature's weight, by the direction in which it may count."""
    return [
        bounded_logistic.EITHER
        if name in EITHER
        else bounded_logistic.FOR
        if name.startswith(FOR)
        else bounded_logistic.AGAINST
        for name in names
    ]


def store(made: VerifierFit, source: str) -> Path:
    """Writes ``rag/data/verifier.json`` and returns its path.

    Args:
        made: The fit.
        source: Name of the file of pairs.

    Raises:
        FootnoteError: The file cannot be written.
    """
    values = {
        "bias": round(made.bias, weights.DIGITS),
        "below": round(made.below, weights.DIGITS),
        "verbatim": VERBATIM,
        "weights": dict(sorted(weights.rounded(made.weights).items())),
    }
    return weights.store(FILE, values, f"python -m eval fit verifier --data {source}")

"""Logistic regression with a ridge, each weight bounded to the sign that its feature means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import MissingExtra

STEPS = 5000

Bounds = tuple[float | None, float | None]
FOR: Bounds = (0.0, None)
AGAINST: Bounds = (None, 0.0)
EITHER: Bounds = (None, None)


def fit_bounded(
    table: NDArray[np.float64],
    labels: NDArray[Any],
    weights: NDArray[np.float64],
    bounds: Sequence[Bounds],
    ridge: float,
) -> tuple[NDArray[np.float64], float]:
    """The slopes within their bounds and the bias that minimise the penalised logistic loss.

    Args:
        table: Features, one row a case.
        labels: True or 1 for the positive cases.
        weights: How much each case counts.
        bounds: Least and most of each slope.
        ridge: Strength of the ridge on the slopes of standardised features.

    Returns:
        Slopes and bias for the features as they are.

    Raises:
        MissingExtra: SciPy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise MissingExtra("Fitting", "pip install 'footnote-rag[eval]'") from error
    centre, spread = table.mean(axis=0), table.std(axis=0)
    spread[spread < 1e-9] = 1.0
    standard = np.column_stack([(table - centre) / spread, np.ones(len(table))])
    made = minimize(
        loss,
        np.zeros(standard.shape[1]),
        (standard, np.where(labels, 1.0, -1.0), weights, ridge),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, EITHER],
        options=dict.fromkeys(("maxiter", "maxfun"), STEPS),
    )
    slopes = made.x[:-1] / spread
    return slopes, float(made.x[-1] - slopes @ centre)


def loss(
    beta: NDArray[np.float64],
    standard: NDArray[np.float64],
    signs: NDArray[np.float64],
    weights: NDArray[np.float64],
    ridge: float,
) -> tuple[float, NDArray[np.float64]]:
    """The penalised logistic loss and its gradient; the last of ``beta``, the bias, is free."""
    margins = signs * (standard @ beta)
    penalised = np.append(beta[:-1], 0.0)
    # The logistic function of a very negative margin is 0; exp would overflow.
    residuals = weights * signs / (1 + np.exp(np.minimum(margins, 500)))
    gradient = ridge * penalised - residuals @ standard
    value = float(weights @ np.logaddexp(0, -margins) + ridge / 2 * penalised @ penalised)
    return value, np.asarray(gradient)

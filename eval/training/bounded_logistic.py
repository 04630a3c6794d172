"""Logistic regression with a ridge, each weight held to the sign that its signal means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag import MissingExtra

STEPS = 5000

Bounds = tuple[float | None, float | None]
FOR: Bounds = (0.0, None)
AGAINST: Bounds = (None, 0.0)
EITHER: Bounds = (None, None)


def signed_ridge(
    table: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    bounds: Sequence[Bounds],
    ridge: float,
) -> tuple[np.ndarray, float]:
    """Weights within their bounds, and the bias, of least penalised logistic loss.

    Args:
        table: One row of signals for each case.
        labels: Whether it is true, for each case.
        weights: How much each case counts.
        bounds: Between what each signal's weight may lie.
        ridge: Strength of the ridge on the weights of standardised signals.

    Returns:
        What is for the signals as they are, not standardised.

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
        options={"maxiter": STEPS, "maxfun": STEPS},
    )
    slopes = made.x[:-1] / spread
    return slopes, float(made.x[-1] - slopes @ centre)


def loss(
    beta: np.ndarray, standard: np.ndarray, sides: np.ndarray, weights: np.ndarray, ridge: float
) -> tuple[float, np.ndarray]:
    """The penalised logistic loss and its slope; the last of ``beta``, the bias, is free."""
    margins = sides * (standard @ beta)
    pull = np.append(beta[:-1], 0.0)
    # The logistic function of what is far below 0 is 0.
    slope = ridge * pull - (weights * sides / (1 + np.exp(np.minimum(margins, 500)))) @ standard
    return float(weights @ np.logaddexp(0, -margins) + ridge / 2 * pull @ pull), slope

"""Making the chances honest: one divisor and one shift for each head, fitted on texts held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from eval.suites.reader import ask_all, judge
from eval.training.reader.examples import LABELS
from eval.training.reader.texts import Text
from rag.reader import Reader

# So that no logarithm meets a zero.
LEAST = 1e-6
# A divisor outside these would mean that something else is wrong.
BOUNDS = (0.3, 3.0)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """What the logits are divided by, and what is added to them after that."""

    claim: float = 1.0
    support: float = 1.0
    answer: float = 1.0
    claim_shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    answer_shift: float = 0.0


def calibrated(reader: Reader, texts: Sequence[Text]) -> Calibration:
    """Fitted to the least log loss; ``reader`` must come from a graph without calibration."""
    judged = judge(reader, texts)
    chances = np.array([one.chances for one in judged])
    labels = np.array([LABELS[one.label] for one in judged])
    claim = _softmax_fit(chances, labels)
    found = ask_all(reader, texts)
    answer = _sigmoid_fit(np.array([x for x, _ in found]), np.array([y for _, y in found]))
    return Calibration(claim=claim, answer=answer[0], answer_shift=answer[1])


def _softmax_fit(chances: Numbers, labels: NDArray[np.int_]) -> float:
    logits = np.log(np.clip(chances, LEAST, 1))
    true = np.arange(len(labels)), labels

    def cost(divisor: Numbers) -> float:
        scaled = logits / divisor[0]
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - scaled[true]))

    return float(minimize(cost, [1.0], bounds=[BOUNDS]).x[0])


def _sigmoid_fit(chances: Numbers, truth: NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.clip(chances, LEAST, 1 - LEAST)
    logits, sign = np.log(kept / (1 - kept)), np.where(truth, -1.0, 1.0)

    def cost(found: Numbers) -> float:
        return float(np.mean(np.logaddexp(0, sign * (logits / found[0] + found[1]))))

    divisor, shift = minimize(cost, [1.0, 0.0], bounds=[BOUNDS, (-3.0, 3.0)]).x
    return float(divisor), float(shift)


def expected_error(chances: Sequence[float], truth: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between the chance and the share that is true, over bins of equal size."""
    order = np.argsort(chances)
    parts = [part for part in np.array_split(order, bins) if len(part)]
    values, right = np.asarray(chances), np.asarray(truth, dtype=float)
    gaps = [len(part) * abs(values[part].mean() - right[part].mean()) for part in parts]
    return float(sum(gaps) / len(order))

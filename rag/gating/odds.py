"""From signals to a probability: products of signals, weighted, through the logistic function."""

from __future__ import annotations

import math
from collections.abc import Mapping


def products(signals: Mapping[str, float]) -> dict[str, float]:
    """Each signal and each product of two, itself included, by name (``a``, ``a*b``)."""
    names = tuple(signals)
    values = dict(signals)
    for place, one in enumerate(names):
        for other in names[place:]:
            values[f"{one}*{other}"] = signals[one] * signals[other]
    return values


def probability(terms: Mapping[str, float], weights: Mapping[str, float], bias: float) -> float:
    """The chance, 0..1, that fitted weights give these terms."""
    total = bias + sum(weight * terms[name] for name, weight in weights.items())
    return 1.0 / (1.0 + math.exp(-max(min(total, 50.0), -50.0)))

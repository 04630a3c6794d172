"""From signals to a probability: weighted products of them, through the logistic function."""

from __future__ import annotations

import itertools
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


def in_circumstances(
    evidence: Mapping[str, float], circumstances: Mapping[str, float]
) -> dict[str, float]:
    """Each piece of evidence times each circumstance and times its absence, by name.

    ``a*b`` and ``a*no b``, besides the circumstances (0..1) and each product of two of them. With
    weights of 0 or more for the first two, more evidence never lowers the sum, whatever the
    circumstances, and yet counts for more in some than in others.
    """
    terms = dict(circumstances)
    for one, other in itertools.combinations(circumstances, 2):
        terms[f"{one}*{other}"] = circumstances[one] * circumstances[other]
    for name, value in evidence.items():
        for circumstance, degree in circumstances.items():
            terms[f"{name}*{circumstance}"] = value * degree
            terms[f"{name}*no {circumstance}"] = value * (1.0 - degree)
    return terms


def probability(terms: Mapping[str, float], weights: Mapping[str, float], bias: float) -> float:
    """The chance, 0..1, that fitted weights give these terms."""
    total = bias + sum(weight * terms[name] for name, weight in weights.items())
    return 1.0 / (1.0 + math.exp(-max(min(total, 50.0), -50.0)))

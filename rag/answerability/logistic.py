"""Logistic regression over products of features, with fitted weights from `rag/data`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.data import read_json


def pairwise_products(signals: Mapping[str, float]) -> dict[str, float]:
    """Each feature and each product of two, squares included, by name (``a``, ``a*b``)."""
    names = tuple(signals)
    values = dict(signals)
    for place, one in enumerate(names):
        for other in names[place:]:
            values[f"{one}*{other}"] = signals[one] * signals[other]
    return values


def interactions(
    evidence: Mapping[str, float], circumstances: Mapping[str, float]
) -> dict[str, float]:
    """Each piece of evidence times each circumstance and times its absence, by name.

    The terms are ``a*b``, ``a*no b``, the circumstances (0..1) and each product of two of them. If
    the weights of the first two are not negative, more evidence never lowers the sum, but its
    effect can depend on the circumstances.
    """
    terms = dict(circumstances)
    for one, other in itertools.combinations(circumstances, 2):
        terms[f"{one}*{other}"] = circumstances[one] * circumstances[other]
    for name, value in evidence.items():
        for circumstance, degree in circumstances.items():
            terms[f"{name}*{circumstance}"] = value * degree
            terms[f"{name}*no {circumstance}"] = value * (1.0 - degree)
    return terms


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """A bias and the weight of each term; a term without a weight has weight 0."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, terms: Mapping[str, float]) -> float:
        """The probability, 0..1, for these terms."""
        total = self.bias + sum(weight * terms[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(min(total, 50.0), -50.0)))


@lru_cache(maxsize=2)
def load_model(name: Literal["single", "multi_part"]) -> LogisticModel:
    """A fitted model of ``answerability.json``, which says what command fits it."""
    stored = read_json("answerability.json")[name]
    return LogisticModel(stored["bias"], stored["weights"])

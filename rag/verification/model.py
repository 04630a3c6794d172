"""The logistic model of how likely a text supports a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rag.data import read_json


@dataclass(frozen=True, slots=True)
class VerifierModel:
    """Fitted weights on features in 0..1.

    Attributes:
        bias: In logits.
        below: Factor on negative logits, where one slope for all is too flat.
        verbatim: The probability of whole article sentences, word for word; set, not fitted.
        weights: By feature; each has the sign that its feature means.
    """

    bias: float
    below: float
    verbatim: float
    weights: Mapping[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """How likely such features come from support, 0..1.

        0.9 means nine in ten where half of the claims are supported.
        """
        total = self.bias + sum(w * features.get(name, 0.0) for name, w in self.weights.items())
        if total < 0:
            total *= self.below
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load_verifier_model() -> VerifierModel:
    """The model of ``verifier.json``, which names the command that fits it."""
    stored = read_json("verifier.json")
    names = ("bias", "below", "verbatim", "weights")
    return VerifierModel(*(stored[name] for name in names))

"""The gate's numbers for questions of several parts: logistic regression."""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {}
BIAS = 0.0

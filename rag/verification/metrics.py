"""The verifier's error rates as they were last measured and stored in the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.data import read_json


def verifier_metrics() -> Mapping[str, Any] | None:
    """What ``python -m eval verifier --publish`` stored; None if it is missing or damaged.

    Keys: ``families`` (by dataset, with ``accuracy`` and ``auroc``), ``mean``, ``caught`` and
    ``false_alarms`` (planted errors), ``controls``, ``brier``, ``pairs``, ``measured`` (a day).
    Rates are in 0..1; each comes with ``low`` and ``high``, a 95 % interval, and ``n``.
    """
    try:
        return read_json("verifier_metrics.json")
    except (OSError, ValueError):
        return None

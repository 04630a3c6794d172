"""The checker's error rate as it was last measured and stored in the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parent / "data" / "checker.json"


@lru_cache(maxsize=1)
def checker_figures() -> Mapping[str, Any] | None:
    """What ``python -m eval verifier --publish`` stored; None where nothing is stored.

    Keys: ``families`` (by dataset, with ``accuracy`` and ``auroc``), ``mean``, ``caught`` and
    ``false_alarms`` (planted errors), ``controls``, ``brier``, ``pairs``, ``measured`` (a day).
    """
    try:
        stored = json.loads(FIGURES.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) else None

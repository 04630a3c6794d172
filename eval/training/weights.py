"""Writes fitted weights to the JSON files that the product reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.report import write

FOLDER = Path(__file__).resolve().parents[2] / "rag" / "data"
DIGITS = 4


def store(name: str, values: Mapping[str, Any], command: str) -> Path:
    """Writes a file of weights with the command that made it, and returns its path.

    Raises:
        FootnoteError: The file cannot be written.
    """
    path = FOLDER / name
    whole = {"_source": command, **values}
    write(path, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return path


def rounded(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights as they are stored; those that round to zero are left out."""
    pairs = ((name, round(weight, DIGITS)) for name, weight in weights.items())
    return {name: weight for name, weight in pairs if weight}

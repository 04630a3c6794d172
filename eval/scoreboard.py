"""Any suite's figures as a table and as JSON, also against an earlier run."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.metrics import CONFIDENCE, RESAMPLES, SEED, Estimate
from eval.report import versions
from rag import FootnoteError

Groups = Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True, slots=True)
class Board:
    """Figures by group and name. The first group is the product; the others explain it."""

    suite: str
    settings: Mapping[str, Any]
    groups: Groups


def to_dict(board: Board) -> dict[str, Any]:
    """As JSON values: the first group's figures at the top, with ``_ci`` and ``n``."""
    first, *others = board.groups.items()
    return {
        "suite": board.suite,
        **flat(first[1]),
        "groups": {name: flat(figures) for name, figures in others},
        "settings": {
            **board.settings,
            "bootstrap": {"resamples": RESAMPLES, "seed": SEED, "confidence": CONFIDENCE},
        },
        "versions": {"python": platform.python_version(), **versions()},
    }


def flat(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, estimate in figures.items():
        values[name] = round(estimate.value, 4)
        values[f"{name}_ci"] = [round(estimate.low, 4), round(estimate.high, 4)]
    values["n"] = max((estimate.n for estimate in figures.values()), default=0)
    return values


def table(board: Board, earlier: Mapping[str, Any] | None = None) -> str:
    """The figures as lines; with an earlier run, how far each has moved."""
    lines = [f"{board.suite}: {json.dumps(dict(board.settings))}"]
    leading = next(iter(board.groups.values()))
    for group, figures in board.groups.items():
        lines.append(f"\n{group}")
        for name, estimate in figures.items():
            line = f"  {name:24} {estimate.value:.3f}  {estimate.low:.3f} to {estimate.high:.3f}"
            line += f"  n {estimate.n}"
            known = (earlier or {}).get(name) if figures is leading else None
            if isinstance(known, float | int):
                line += f"  {estimate.value - known:+.3f} since"
            lines.append(line)
    return "\n".join(lines)


def read(path: Path | None) -> Mapping[str, Any] | None:
    """An earlier run's JSON.

    Raises:
        FootnoteError: It cannot be read.
    """
    if path is None:
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise FootnoteError(f"{path} cannot be read ({error}).") from error

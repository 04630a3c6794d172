"""Any suite's figures as a table and as JSON, also against an earlier run, question by question."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval import retriever_comparison
from eval.metrics import CONFIDENCE, RESAMPLES, SEED, Estimate, paired
from eval.report import versions
from rag import FootnoteError

Groups = Mapping[str, Mapping[str, Estimate]]
# Values by question id. A figure is the mean of one stratum's values, or of several strata's means.
Strata = Sequence[Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a suite gives.

    Attributes:
        groups: Figures by group and name. The first group is the product; others explain it.
        questions: For figures of the first group, the values that they are means of.
        leads: How searching by both arms stands to each alone.
    """

    groups: Groups
    questions: Mapping[str, Strata] = field(default_factory=dict)
    leads: tuple[retriever_comparison.Lead, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """One run of a suite, and how far it is from an earlier one where there is any."""

    suite: str
    settings: Mapping[str, Any]
    measured: Measured
    against: Mapping[str, Estimate] = field(default_factory=dict)


def board(
    suite: str, settings: Mapping[str, Any], measured: Measured, earlier: Mapping[str, Any] | None
) -> Board:
    """The run, compared with an earlier one's JSON over the questions that both asked.

    Raises:
        FootnoteError: The earlier run is one of another suite, or holds no question of this one.
    """
    if earlier is None:
        return Board(suite, settings, measured)
    if earlier.get("suite") != suite:
        raise FootnoteError(
            f"The earlier run is one of {earlier.get('suite')!r}, not of {suite!r}."
        )
    known: Mapping[str, Strata] = earlier.get("questions") or {}
    moved = {
        name: difference
        for name, strata in measured.questions.items()
        if (difference := paired(strata, known.get(name, ()))) is not None
    }
    if not moved:
        raise FootnoteError("The earlier run holds no values of the same questions.")
    return Board(suite, settings, measured, moved)


def to_dict(made: Board) -> dict[str, Any]:
    """As JSON values: the first group's figures at the top, with ``_ci`` and ``n``."""
    first, *others = made.measured.groups.items()
    whole = {
        "suite": made.suite,
        **flat(first[1]),
        "groups": {name: flat(figures) for name, figures in others},
        "settings": {
            **made.settings,
            "bootstrap": {"resamples": RESAMPLES, "seed": SEED, "confidence": CONFIDENCE},
        },
        "versions": {"python": platform.python_version(), **versions()},
        "questions": {
            name: [{key: round(value, 6) for key, value in values.items()} for values in strata]
            for name, strata in made.measured.questions.items()
        },
    }
    if made.measured.leads:
        whole["hybrid_leads"] = retriever_comparison.to_list(made.measured.leads)
    if made.against:
        whole["against"] = flat(made.against)
    return whole


def flat(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, estimate in figures.items():
        values[name] = round(estimate.value, 4)
        values[f"{name}_ci"] = [round(estimate.low, 4), round(estimate.high, 4)]
    values["n"] = max((estimate.n for estimate in figures.values()), default=0)
    return values


def table(made: Board) -> str:
    """The figures as lines; against an earlier run, how far each has moved."""
    lines = [f"{made.suite}: {json.dumps(dict(made.settings))}"]
    groups = dict(made.measured.groups)
    if made.against:
        groups["minus the earlier run, same questions"] = made.against
    for group, figures in groups.items():
        lines.append(f"\n{group}")
        for name, estimate in figures.items():
            line = f"  {name:24} {estimate.value:.3f}  {estimate.low:.3f} to {estimate.high:.3f}"
            lines.append(f"{line}  n {estimate.n}")
    if made.measured.leads:
        lines += ["", *retriever_comparison.lines(made.measured.leads)]
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
    except (OSError, ValueError, TypeError) as error:
        raise FootnoteError(f"{path} cannot be read ({error}).") from error

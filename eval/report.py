"""What a suite returns: a table for people and values for JSON.

Most suites return `FiguresReport`: named figures in groups, with the value of each question, so
that a later run can be compared with an earlier one question by question.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from eval.metrics import CONFIDENCE, RESAMPLES, SEED, Estimate, paired
from rag import FootnoteError

# What can change a figure.
PACKAGES = ("footnote-rag", "chromadb", "llama-index-core", "numpy", "onnxruntime", "tantivy")

Groups = Mapping[str, Mapping[str, Estimate]]
# Values by question id. A figure is the mean of one stratum's values, or of several strata's means.
Strata = Sequence[Mapping[str, float]]


class Report(Protocol):
    """The result of a suite."""

    def table(self) -> str:
        """The figures as lines of text."""

    def to_dict(self) -> dict[str, Any]:
        """The figures, the settings and the versions as JSON values."""


class Section(Protocol):
    """A further part of a report."""

    def lines(self) -> Sequence[str]:
        """As lines of the table."""

    def to_list(self) -> list[dict[str, Any]]:
        """As JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresReport:
    """Figures in groups.

    Attributes:
        suite: Name of the suite.
        groups: Figures by group and name. The first group is the product; others explain it.
        questions: For figures of the first group, the values that they are means of.
        sections: Further parts, by their name in JSON.
        settings: What was measured: files, number of questions, embedder.
        differences: By figure, how far it has moved from an earlier run; see `compared_with`.
    """

    suite: str
    groups: Groups
    questions: Mapping[str, Strata] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    differences: Mapping[str, Estimate] = field(default_factory=dict)

    def compared_with(self, earlier: Mapping[str, Any]) -> FiguresReport:
        """The same report with its differences from an earlier run's JSON.

        Raises:
            FootnoteError: The earlier run is of another suite, or shares no question with this one.
        """
        known: Mapping[str, Strata] = earlier.get("questions") or {}
        moved = differences(self.suite, earlier, self.questions, known)
        return replace(self, differences=moved)

    def to_dict(self) -> dict[str, Any]:
        """See `Report`: the first group's figures at the top, with ``_ci`` and ``n``."""
        first, *others = self.groups.items()
        values = {
            "suite": self.suite,
            **flat(first[1]),
            "groups": {name: flat(figures) for name, figures in others},
            "settings": {**self.settings, "bootstrap": bootstrap()},
            "versions": versions(),
            "questions": {
                name: [{key: round(value, 6) for key, value in values.items()} for values in strata]
                for name, strata in self.questions.items()
            },
            **{name: section.to_list() for name, section in self.sections.items()},
        }
        if self.differences:
            values["against"] = flat(self.differences)
        return values

    def table(self) -> str:
        """See `Report`; after a comparison, also how far each figure has moved."""
        lines = [f"{self.suite}: {json.dumps(dict(self.settings))}"]
        groups = dict(self.groups)
        if self.differences:
            groups["minus the earlier run, same questions"] = self.differences
        for group, figures in groups.items():
            lines.append(f"\n{group}")
            for name, estimate in figures.items():
                line = f"  {name:24} {estimate.value:.3f}"
                line += f"  {estimate.low:.3f} to {estimate.high:.3f}"
                lines.append(f"{line}  n {estimate.n}")
        for section in self.sections.values():
            if rows := section.lines():
                lines += ["", *rows]
        return "\n".join(lines)


def differences(
    suite: str,
    earlier: Mapping[str, Any],
    now: Mapping[str, Strata],
    before: Mapping[str, Strata],
) -> Mapping[str, Estimate]:
    """How far each figure has moved from an earlier run, over the questions of both.

    Args:
        suite: Name of the suite.
        earlier: The JSON of the earlier run.
        now: By figure, the values that it is a mean of.
        before: The same values, of the earlier run.

    Raises:
        FootnoteError: The earlier run is of another suite, or shares no question with this one.
    """
    if earlier.get("suite") != suite:
        raise FootnoteError(
            f"The earlier run is one of {earlier.get('suite')!r}, not of {suite!r}."
        )
    moved = {
        name: difference
        for name, strata in now.items()
        if (difference := paired(strata, before.get(name, ()))) is not None
    }
    if not moved:
        raise FootnoteError("The earlier run holds no values of the same questions.")
    return moved


def flat(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    """Figures as JSON values: each with its interval beside it, and the largest ``n``."""
    values: dict[str, Any] = {}
    for name, estimate in figures.items():
        values[name] = round(estimate.value, 4)
        values[f"{name}_ci"] = [round(estimate.low, 4), round(estimate.high, 4)]
    values["n"] = max((estimate.n for estimate in figures.values()), default=0)
    return values


def bootstrap() -> dict[str, Any]:
    """How the intervals were computed, as JSON values."""
    return {"resamples": RESAMPLES, "seed": SEED, "confidence": CONFIDENCE}


def versions() -> dict[str, str | None]:
    """Installed versions; None for what is not installed, such as the project in a checkout."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def read_report(path: Path) -> Mapping[str, Any]:
    """The JSON of an earlier run.

    Raises:
        FootnoteError: It cannot be read.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise FootnoteError(f"{path} cannot be read ({error}).") from error


def write(path: Path, text: str) -> None:
    """Writes a file.

    Raises:
        FootnoteError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FootnoteError(f"{path} cannot be written ({error.strerror}).") from error

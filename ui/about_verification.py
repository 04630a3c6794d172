"""The note on how sentences are verified, and how often the verification is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from ui.html import format_day, render

BUILTIN = "builtin"
JUDGE = "judge"


class Metrics(NamedTuple):
    """The figures of the note, as they are shown."""

    measured: str
    caught: str
    error_count: int
    doubted: str
    true_count: int
    accuracy: str


def about_verification_html(figures: Mapping[str, Any] | None, checker: str = BUILTIN) -> Markup:
    """A folded note; without stored figures it says that nothing was measured.

    Args:
        figures: As `rag.verifier_metrics` returns them.
        checker: The setting of that name, to mention a second opinion.
    """
    metrics = _metrics(figures) if figures else None
    return render(
        "about_verification.html",
        second_opinion="" if checker == BUILTIN else _describe_checker(checker),
        judged=checker.partition(":")[0] == JUDGE,
        metrics=metrics,
        unreadable=bool(figures) and metrics is None,
    )


def _describe_checker(checker: str) -> str:
    """What the second opinion is, without the path to its folder."""
    if checker == JUDGE:
        return "the language model that drafts"
    judge = checker.removeprefix(f"{JUDGE}:")
    if judge != checker:
        return f"a language model ({judge})"
    folder = checker.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return f"an entailment model ({folder})"


def _metrics(figures: Mapping[str, Any]) -> Metrics | None:
    """None if the stored figures cannot be read."""
    try:
        caught, alarms = figures["caught"]["all"], figures["false_alarms"]
        return Metrics(
            measured=format_day(date.fromisoformat(str(figures["measured"]))),
            caught=f"{caught['value']:.1%}",
            error_count=caught["n"],
            doubted=f"{alarms['value']:.1%}",
            true_count=alarms["n"],
            accuracy=f"{figures['mean']:.0%}",
        )
    except (KeyError, TypeError, ValueError):
        return None

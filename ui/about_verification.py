"""The note on how sentences are verified, and how often the verification is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict

from markupsafe import Markup

from ui.html import format_day, render
from ui.words import percent, say

BUILTIN = "builtin"
JUDGE = "judge"
# How often a guess is right when two verdicts are possible.
CHANCE = 0.5


class Metrics(TypedDict):
    """The figures of the note, as they are shown."""

    day: str
    caught: str
    errors: int
    doubted: str
    truths: int
    accuracy: str
    chance: str


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
        return say("checker_drafting")
    judge = checker.removeprefix(f"{JUDGE}:")
    if judge != checker:
        return say("checker_judge", name=judge)
    folder = checker.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return say("checker_entailment", name=folder)


def _metrics(figures: Mapping[str, Any]) -> Metrics | None:
    """None if the stored figures cannot be read."""
    try:
        caught, alarms = figures["caught"]["all"], figures["false_alarms"]
        return Metrics(
            day=format_day(date.fromisoformat(str(figures["measured"]))),
            caught=percent(caught["value"], 1),
            errors=caught["n"],
            doubted=percent(alarms["value"], 1),
            truths=alarms["n"],
            accuracy=percent(figures["mean"]),
            chance=percent(CHANCE),
        )
    except (KeyError, TypeError, ValueError):
        return None

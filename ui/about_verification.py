"""The note that says how sentences are checked, and how often the check is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.html import escape

BUILTIN = "builtin"


def about_verification_html(figures: Mapping[str, Any] | None, checker: str = BUILTIN) -> str:
    """A folded note; without stored figures it says that nothing was measured.

    ``checker`` is the setting of that name: a stronger check is told of too.
    """
    second = (
        ""
        if checker == BUILTIN
        else "<p>What is supported in other words than the articles’ is checked a second time, by "
        f"{escape(_named(checker))}; it can only doubt, and the figures below are without it.</p>"
    )
    return (
        '<details class="how"><summary>How we check</summary>'
        "<p>Every sentence is compared with the articles by plain code on this machine, never by "
        "a model: numbers, dates, names, who did what to whom, yes and no, and how many of its "
        "words one stretch of an article holds. The footnote opens exactly these words. We check "
        "where a sentence comes from, not whether the article is right.</p>"
        f"{second}<p>{_figures(figures)}</p></details>"
    )


def _named(checker: str) -> str:
    """What a stronger checker is called, without the path to its folder."""
    judge = checker.removeprefix("judge:")
    if judge != checker:
        return f"a language model ({judge})"
    return f"an entailment model ({checker.replace(chr(92), '/').rstrip('/').rpartition('/')[2]})"


def _figures(figures: Mapping[str, Any] | None) -> str:
    if not figures:
        return "How often the check is wrong has not been measured here."
    try:
        caught, alarms = figures["caught"]["all"], figures["false_alarms"]
        return escape(
            f"Measured on {figures['measured']}: of {caught['n']} errors planted into true "
            f"sentences it caught {caught['value']:.1%}, and it doubted {alarms['value']:.1%} of "
            f"{alarms['n']} true ones. On public pairs of article and claim (BUMP, WiCE and "
            "SummEdits), many of them true summaries with one small change, it judges "
            f"{figures['mean']:.0%} rightly, where guessing gives 50%. So read the quote."
        )
    except (KeyError, TypeError, ValueError):
        return "The stored figures of the check cannot be read."

"""Scores of a verifier on labelled pairs, by dataset, and its calibration.

A second verifier is scored alone and with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import CONFIDENCE, RESAMPLES, SEED, Estimate, area_under_roc
from eval.verifier_data import Pair
from rag import SecondaryVerifier, secondary_score


@dataclass(frozen=True, slots=True)
class Score:
    """How well a verifier tells supported from unsupported claims, with 95 % bootstrap intervals.

    Documents are resampled, not pairs: claims about one document are alike.

    Attributes:
        accuracy: Balanced accuracy, the mean of ``accepted`` and ``refused``.
        auroc: See `eval.metrics.area_under_roc`.
        accepted: Share of the supported claims that were accepted.
        refused: Share of the other claims that were refused.
        n: Number of pairs.
    """

    accuracy: Estimate
    auroc: Estimate
    accepted: float
    refused: float
    n: int


def score_dataset(
    labels: Sequence[int], scores: Sequence[float], groups: Sequence[str], threshold: float
) -> Score:
    """The score of one dataset.

    Raises:
        ValueError: Only one kind of label is there.
    """
    truth, values = np.asarray(labels), np.asarray(scores)
    if len(set(labels)) < 2:
        raise ValueError("both kinds of labels are needed")
    generator = np.random.default_rng(SEED)
    names = sorted(set(groups))
    index = {name: np.flatnonzero(np.asarray(groups) == name) for name in names}
    drawn_accuracy, drawn_auroc = [], []
    for _ in range(RESAMPLES // 10):
        chosen = np.concatenate(
            [index[names[i]] for i in generator.integers(len(names), size=len(names))]
        )
        if len(set(truth[chosen])) == 2:
            drawn_accuracy.append(_balanced(truth[chosen], values[chosen], threshold)[0])
            drawn_auroc.append(_auroc(truth[chosen], values[chosen]))
    balanced, accepted, refused = _balanced(truth, values, threshold)
    return Score(
        accuracy=_interval(balanced, drawn_accuracy, len(labels)),
        auroc=_interval(_auroc(truth, values), drawn_auroc, len(labels)),
        accepted=accepted,
        refused=refused,
        n=len(labels),
    )


def _balanced(
    truth: NDArray[Any], values: NDArray[Any], threshold: float
) -> tuple[float, float, float]:
    accepted = float((values[truth == 1] >= threshold).mean())
    refused = float((values[truth == 0] < threshold).mean())
    return (accepted + refused) / 2, accepted, refused


def _interval(value: float, drawn: Sequence[float], n: int) -> Estimate:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail)) if drawn else (value, value)
    return Estimate(value, float(low), float(high), n)


def score_families(
    rows: Sequence[Pair], scores: Sequence[float], threshold: float
) -> Iterator[tuple[str, Score]]:
    """The score of each dataset that has both labels, by name."""
    for name in sorted({row.family for row in rows}):
        inside = [i for i, row in enumerate(rows) if row.family == name]
        if len({rows[i].label for i in inside}) == 2:
            yield (
                name,
                score_dataset(
                    [rows[i].label for i in inside],
                    [scores[i] for i in inside],
                    [rows[i].document for i in inside],
                    threshold,
                ),
            )


def best_mean_threshold(rows: Sequence[Pair], scores: Sequence[float]) -> float:
    """The threshold in hundredths with the highest mean balanced accuracy over the datasets.

    Of equal ones it is the nearest to one half.
    """
    labels, values = np.asarray([row.label for row in rows]), np.asarray(scores)
    families = np.asarray([row.family for row in rows])
    parts = [(labels[families == name], values[families == name]) for name in sorted(set(families))]
    both = [(truth, found) for truth, found in parts if 0 < truth.sum() < len(truth)]

    def quality(step: int) -> tuple[float, int]:
        means = [_balanced(truth, found, step / 100)[0] for truth, found in both]
        return sum(means) / len(means) if means else 0.0, -abs(step - 50)

    return max(range(1, 100), key=quality) / 100


def mean_accuracy(scores: Mapping[str, Score]) -> float:
    """Mean balanced accuracy of BUMP, WiCE and the mean of the SummEdits domains."""
    domains = [s.accuracy.value for name, s in scores.items() if name.startswith("summedits")]
    parts = [s.accuracy.value for name, s in scores.items() if name.startswith(("bump", "wice"))]
    if domains:
        parts.append(sum(domains) / len(domains))
    return sum(parts) / len(parts) if parts else float("nan")


def _auroc(truth: NDArray[Any], values: NDArray[Any]) -> float:
    return area_under_roc(values[truth == 1], values[truth == 0])


@dataclass(frozen=True, slots=True)
class SecondaryScores:
    """Scores by dataset: of the secondary verifier alone, and of the lower of both scores.

    Attributes:
        threshold: The one with the highest mean balanced accuracy of the secondary verifier alone
            on these very pairs, for the setting ``checker_threshold``; ``alone`` counts from it on.
    """

    name: str
    threshold: float
    alone: dict[str, Score]
    both: dict[str, Score]


def score_secondary(
    scorer: SecondaryVerifier, rows: Sequence[Pair], built_in: Sequence[float], threshold: float
) -> SecondaryScores:
    """Scores every pair.

    Args:
        scorer: The secondary verifier.
        rows: Labelled pairs.
        built_in: The built-in verifier's scores of the same pairs.
        threshold: Of the lower of both scores; claims are accepted from it on.

    Raises:
        FootnoteError: The secondary verifier gives no score.
    """
    scores = [secondary_score(scorer, row.passage, row.claim) for row in rows]
    lower = [min(pair) for pair in zip(scores, built_in, strict=True)]
    best = best_mean_threshold(rows, scores)
    return SecondaryScores(
        scorer.name,
        best,
        dict(score_families(rows, scores, best)),
        dict(score_families(rows, lower, threshold)),
    )


# Sides of the plot and its margins, in pixels.
SIDE, LEFT, TOP = 320, 56, 20
WIDTH, HEIGHT = LEFT + SIDE + 24, TOP + SIDE + 56
LARGEST_DOT, SMALLEST_DOT = 13.0, 3.0


def brier(labels: Sequence[int], scores: Sequence[float], weights: NDArray[np.float64]) -> float:
    """Weighted mean squared distance between score and label; always saying one half gives 0.25."""
    return float(np.average((np.asarray(scores) - np.asarray(labels)) ** 2, weights=weights))


def reliability(
    labels: Sequence[int], scores: Sequence[float], weights: NDArray[np.float64], steps: int = 10
) -> list[dict[str, float]]:
    """By equal parts of the scale: mean score, share supported and number of pairs."""
    truth, values = np.asarray(labels), np.asarray(scores)
    rows = []
    for step in range(steps):
        low, high = step / steps, (step + 1) / steps
        inside = (values >= low) & ((values < high) | (step == steps - 1))
        if inside.any():
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "mean_score": float(np.average(values[inside], weights=weights[inside])),
                    "supported": float(np.average(truth[inside], weights=weights[inside])),
                    "n": int(inside.sum()),
                }
            )
    return rows


def drawing(rows: Sequence[dict[str, float]], brier: float) -> str:
    """The reliability curve as an SVG; the area of each dot is proportional to its pairs.

    Args:
        rows: See `reliability`.
        brier: The Brier score, shown below the plot.
    """
    return "\n".join(_lines(rows, brier)) + "\n"


def _lines(rows: Sequence[dict[str, float]], score: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" font-family="sans-serif" font-size="12" role="img">'
    )
    pairs = int(sum(row["n"] for row in rows))
    yield f"<title>Reliability of the verifier on {pairs} pairs, Brier score {score:.3f}</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    for step in range(6):
        share = step / 5
        x, y = _place(share, share)
        yield f'<path d="M{LEFT} {y:.0f}H{LEFT + SIDE}M{x:.0f} {TOP}V{TOP + SIDE}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{share:.1f}</text>'
        yield f'<text x="{x:.0f}" y="{TOP + SIDE + 18}" text-anchor="middle">{share:.1f}</text>'
    yield f'<path d="M{LEFT} {TOP + SIDE}L{LEFT + SIDE} {TOP}" stroke="#888" stroke-dasharray="4"/>'
    dots = [(*_place(row["mean_score"], row["supported"]), row["n"]) for row in rows]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
    yield f'<polyline points="{path}" fill="none" stroke="#1f5f8b" stroke-width="2"/>'
    largest = max((n for *_, n in dots), default=1)
    for x, y, n in dots:
        radius = max(SMALLEST_DOT, LARGEST_DOT * (n / largest) ** 0.5)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1f5f8b" opacity="0.7"/>'
    middle = LEFT + SIDE / 2
    label = f"stated support (Brier score {score:.3f})"
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{label}</text>'
    turn = f"rotate(-90 14 {TOP + SIDE / 2:.0f})"
    yield (
        f'<text x="14" y="{TOP + SIDE / 2:.0f}" text-anchor="middle" transform="{turn}">'
        "share that is supported</text>"
    )
    yield "</svg>"


def _place(stated: float, true: float) -> tuple[float, float]:
    return LEFT + stated * SIDE, TOP + (1 - true) * SIDE

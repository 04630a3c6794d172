"""Calibration of the verifier: Brier score, reliability table, and its drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

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

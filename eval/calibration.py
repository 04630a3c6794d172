"""The reliability curve as a drawing that any browser shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# Sides of the plot and its margins, in pixels.
SIDE, LEFT, TOP = 320, 56, 20
WIDTH, HEIGHT = LEFT + SIDE + 24, TOP + SIDE + 56
MOST, LEAST = 13.0, 3.0


def drawing(rows: Sequence[dict[str, float]], brier: float) -> str:
    """An SVG of what was said against what was true; each dot's area stands for its pairs.

    Args:
        rows: As `eval.verifier_data.reliability` gives them.
        brier: Shown below.
    """
    return "\n".join(_lines(rows, brier)) + "\n"


def _lines(rows: Sequence[dict[str, float]], brier: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" font-family="sans-serif" font-size="12" role="img">'
    )
    pairs = int(sum(row["n"] for row in rows))
    yield f"<title>Reliability of the check on {pairs} pairs, Brier score {brier:.3f}</title>"
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
        radius = max(LEAST, MOST * (n / largest) ** 0.5)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1f5f8b" opacity="0.7"/>'
    middle = LEFT + SIDE / 2
    label = f"support that was said (Brier score {brier:.3f})"
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{label}</text>'
    turn = f"rotate(-90 14 {TOP + SIDE / 2:.0f})"
    yield (
        f'<text x="14" y="{TOP + SIDE / 2:.0f}" text-anchor="middle" transform="{turn}">'
        "share that is supported</text>"
    )
    yield "</svg>"


def _place(said: float, true: float) -> tuple[float, float]:
    return LEFT + said * SIDE, TOP + (1 - true) * SIDE

"""Where the tests find what they read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
DATA = ROOT / "tests" / "data"
# Strings that attack a page, a parser or the citations; ours.
ATTACKS = DATA / "attacks"


def lines_of(path: Path) -> list[str]:
    """The lines of a text file that are not blank."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]

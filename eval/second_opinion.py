"""A stronger checker on the same pairs: by itself, and as the product uses it, beside our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval import verifier_data
from eval.verifier_data import Pair, Score
from rag import Scorer, score_with


@dataclass(frozen=True, slots=True)
class Stronger:
    """``alone`` by dataset, and ``both`` where each pair has the lower of the two scores."""

    name: str
    alone: dict[str, Score]
    both: dict[str, Score]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    scorer: Scorer, rows: Sequence[Pair], built_in: Sequence[float], threshold: float
) -> Stronger:
    """Scores every pair.

    Raises:
        FootnoteError: The checker cannot say.
    """
    scores = [score_with(scorer, row.passage, row.claim) for row in rows]
    lower = [min(pair) for pair in zip(scores, built_in, strict=True)]
    return Stronger(
        scorer.name,
        dict(verifier_data.families(rows, scores, threshold)),
        dict(verifier_data.families(rows, lower, threshold)),
    )

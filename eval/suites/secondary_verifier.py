"""A secondary verifier on the same pairs: alone, and together with the built-in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.suites.verifier_metrics import Score, best_mean_threshold, score_families
from eval.verifier_data import Pair
from rag import SecondaryVerifier, secondary_score


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

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


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

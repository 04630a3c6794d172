"""Fits the answerability model and cross-validates it.

The model is a sum of small trees, each fitted to what the ones before it left open (gradient
boosting). More evidence never lowers the chance: the trees are constrained to that.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from eval.training import weights
from eval.training.answerability_data import REFUSAL_COSTS, WEIGHTS, Example
from rag import MissingExtra

FILE = "answerability.json"
FOLDS = 8
# Chosen in cross-validation among depths of 2 to 4 and 70 to 300 trees; nearly all do as well.
TREES, DEPTH, RATE, LEAF, RIDGE = 200, 3, 0.06, 10, 3.0
# What a false refusal costs without the reader: what is left tells less, so less is refused on it.
UNREAD_REFUSAL_COST = 1.6
# Digits of the features that trees are fitted on.
FEATURE_DIGITS = 3
# Weight of every question once more without the reader, for those who switch it off.
UNREAD = 0.5
# The chance never rises with the size of the library and with publishers that it lacks.
FALLING = ("size", "publisher_missing")
# It may do either with these.
EITHER = ("asks_fact", "length", "publisher_known", "keyword_share")


class Fit:
    """Fitted trees.

    Args:
        examples: What to fit.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        try:
            from sklearn.ensemble import HistGradientBoostingClassifier
        except ImportError as error:
            raise MissingExtra("scikit-learn", "test") from error
        self.names = tuple(examples[0].features)
        rows = [(each.features, each, 1.0) for each in examples]
        rows += [(each.unread, each, UNREAD) for each in examples]
        self._model: Any = HistGradientBoostingClassifier(
            max_iter=TREES,
            max_depth=DEPTH,
            learning_rate=RATE,
            min_samples_leaf=LEAF,
            l2_regularization=RIDGE,
            monotonic_cst=[_direction(name) for name in self.names],
            early_stopping=False,
            random_state=0,
        )
        counted = (
            _case_weights(examples, REFUSAL_COSTS),
            _case_weights(examples, dict.fromkeys(WEIGHTS, UNREAD_REFUSAL_COST)),
        )
        case_weights = [
            counted[features is each.unread][each.kind, each.answerable] * weight
            for features, each, weight in rows
        ]
        self._model.fit(
            self._rounded([features for features, _, _ in rows]),
            np.array([each.answerable for _, each, _ in rows]),
            sample_weight=np.array(case_weights),
        )

    def chances(self, features: Sequence[Mapping[str, float | None]]) -> NDArray[np.float64]:
        """The probability, 0..1, for each row of features."""
        table: NDArray[np.float64] = self._model.predict_proba(self._table(features))[:, 1]
        return table

    def stored(self) -> dict[str, Any]:
        """Bias and trees, as `rag.answerability.assessment` reads them."""
        # scikit-learn has no public access to its trees; a test holds that both give the same.
        trees = [predictor.nodes for (predictor,) in self._model._predictors]
        bias = float(self._model._baseline_prediction.item())
        return {"bias": bias, "trees": [self._node(nodes, 0) for nodes in trees]}

    def _node(self, nodes: Any, place: int) -> Any:
        node = nodes[place]
        if node["is_leaf"]:
            return round(float(node["value"]), weights.DIGITS)
        return [
            self.names[node["feature_idx"]],
            float(node["num_threshold"]),
            bool(node["missing_go_to_left"]),
            self._node(nodes, node["left"]),
            self._node(nodes, node["right"]),
        ]

    def _table(self, features: Sequence[Mapping[str, float | None]]) -> NDArray[np.float64]:
        rows = [[np.nan if row[n] is None else row[n] for n in self.names] for row in features]
        return np.array(rows, dtype=np.float64)

    def _rounded(self, features: Sequence[Mapping[str, float | None]]) -> NDArray[np.float64]:
        """The table to fit on: a threshold between two values that differ only by the rounding of
        a processor would tell processors apart.
        """
        return np.round(self._table(features), FEATURE_DIGITS)


def _direction(name: str) -> int:
    return -1 if name in FALLING else 0 if name in EITHER else 1


def _case_weights(
    examples: Sequence[Example], refusal_costs: Mapping[str, float]
) -> dict[tuple[str, bool], float]:
    """The weight of one question of each kind, so that each kind has its own in total.

    Half of it is for those that are answered, if a kind has both; a false refusal costs more.
    """
    counts: dict[tuple[str, bool], int] = {}
    for each in examples:
        counts[each.kind, each.answerable] = counts.get((each.kind, each.answerable), 0) + 1
    scale = len(examples) / sum(WEIGHTS.values())
    return {
        (kind, answerable): scale
        * WEIGHTS[kind]
        * (refusal_costs[kind] if answerable else 1.0)
        / (2 if (kind, not answerable) in counts else 1)
        / count
        for (kind, answerable), count in counts.items()
    }


def folds(examples: Sequence[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    """The others and a part that is left out, for every part; what belongs together stays so."""
    part = [zlib.crc32(each.about.encode()) % FOLDS for each in examples]
    for number in range(FOLDS):
        left_out = [each for each, own in zip(examples, part, strict=True) if own == number]
        if left_out:
            yield [e for e, own in zip(examples, part, strict=True) if own != number], left_out


def cross_validate(examples: Sequence[Example]) -> dict[str, dict[str, Estimate]]:
    """Figures by kind of question, each of which a fit judges that did not see it.

    The answered long questions also stand against those whose articles were removed.
    """
    judged: dict[tuple[str, bool], list[float]] = {}
    for others, left_out in folds(examples):
        chances = Fit(others).chances([each.features for each in left_out])
        for each, chance in zip(left_out, chances.tolist(), strict=True):
            judged.setdefault((each.kind, each.answerable), []).append(chance)
    return {
        kind: figures(
            judged.get(("long" if kind == "removed" else kind, True), []),
            judged.get((kind, False), []),
        )
        for kind in dict.fromkeys(each.kind for each in examples)
    }


def figures(yes: Sequence[float], no: Sequence[float]) -> dict[str, Estimate]:
    """From the chances of answerable and unanswerable questions; one of them may be empty."""
    answered, refused = [chance >= 0.5 for chance in yes], [chance < 0.5 for chance in no]
    measured: dict[str, Estimate] = {}
    if yes and no:
        measured["balanced_accuracy"] = balanced_accuracy(answered, refused)
        measured["auroc"] = auroc(yes, no)
    if yes:
        measured["answered_of_answerable"] = rate(answered)
    if no:
        measured["refused_of_unanswerable"] = rate(refused)
    return measured


def store(fit: Fit) -> Path:
    """Writes ``rag/data/answerability.json`` and returns its path.

    Raises:
        FootnoteError: The file cannot be written.
    """
    command = "python -m eval fit answerability --data FOLDER --scraped FOLDER"
    return weights.store(FILE, fit.stored(), command)

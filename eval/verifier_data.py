"""Pairs of passage and claim with a known answer, and what a checker makes of them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.metrics import CONFIDENCE, RESAMPLES, SEED, Estimate
from rag import ArticleError


@dataclass(frozen=True, slots=True)
class Pair:
    """``label`` is 1 if the passage supports the claim; ``group`` names the document."""

    id: str
    dataset: str
    group: str
    passage: str
    claim: str
    label: int
    edits: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The dataset, with the two tasks of BUMP as one."""
        return "bump" if self.dataset.startswith("bump") else self.dataset

    @property
    def document(self) -> str:
        """What must not stand on both sides of a split: hashed from the passage's own words."""
        own = self.group if not self.dataset.startswith("attribution") else self.passage
        return hashlib.sha256(f"{self.family}\n{own}".encode()).hexdigest()


def load_pairs(path: Path) -> tuple[Pair, ...]:
    """Pairs from JSON Lines, perhaps gzipped, with passage, claim, and mostly label and dataset.

    Raises:
        ArticleError: The file cannot be read or a line is no pair.
    """
    return tuple(_pair(number, line, path) for number, line in enumerate(_lines(path), start=1))


def _lines(path: Path) -> Iterator[str]:
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            yield from (line for line in file if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ArticleError(path, f"It cannot be read ({error}).") from error


def _pair(number: int, line: str, path: Path) -> Pair:
    try:
        row: dict[str, Any] = json.loads(line)
        passage, claim = row["passage"], row.get("claim", row.get("sentence"))
        if not isinstance(passage, str) or not isinstance(claim, str):
            raise TypeError("passage and claim must be text")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArticleError(
            path, f"Line {number} is no pair of passage and claim: {error}."
        ) from error
    edits = row.get("edit_types") or ()
    return Pair(
        id=str(row.get("id", number)),
        dataset=str(row.get("dataset", "")),
        group=str(row.get("group", number)),
        passage=passage,
        claim=claim,
        label=int(row.get("label", 0)),
        edits=tuple(edits) if isinstance(edits, list) else (str(edits),),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """How well scores tell supported from unsupported claims, with 95 % bootstrap intervals.

    ``accuracy`` is balanced: the mean of ``accepted`` (of the supported) and ``refused`` (of the
    others). Documents are resampled, not pairs: claims about one document are alike.
    """

    accuracy: Estimate
    auroc: Estimate
    accepted: float
    refused: float
    n: int


def measure(
    labels: Sequence[int], scores: Sequence[float], groups: Sequence[str], threshold: float
) -> Score:
    """Figures of one dataset.

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
            drawn_auroc.append(auroc(truth[chosen], values[chosen]))
    balanced, accepted, refused = _balanced(truth, values, threshold)
    return Score(
        accuracy=_interval(balanced, drawn_accuracy, len(labels)),
        auroc=_interval(auroc(truth, values), drawn_auroc, len(labels)),
        accepted=accepted,
        refused=refused,
        n=len(labels),
    )


def _balanced(
    truth: np.ndarray, values: np.ndarray, threshold: float
) -> tuple[float, float, float]:
    accepted = float((values[truth == 1] >= threshold).mean())
    refused = float((values[truth == 0] < threshold).mean())
    return (accepted + refused) / 2, accepted, refused


def auroc(truth: np.ndarray, values: np.ndarray) -> float:
    """Probability that a supported claim scores above an unsupported one; ties count half."""
    order = np.sort(values[truth == 0])
    positive = values[truth == 1]
    below = np.searchsorted(order, positive, "left") + np.searchsorted(order, positive, "right")
    return float(below.sum() / (2 * len(order) * len(positive)))


def _interval(value: float, drawn: Sequence[float], n: int) -> Estimate:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail)) if drawn else (value, value)
    return Estimate(value, float(low), float(high), n)


def families(
    rows: Sequence[Pair], scores: Sequence[float], threshold: float
) -> Iterator[tuple[str, Score]]:
    """Figures of each dataset that has both kinds of labels."""
    for name in sorted({row.family for row in rows}):
        inside = [i for i, row in enumerate(rows) if row.family == name]
        if len({rows[i].label for i in inside}) == 2:
            yield (
                name,
                measure(
                    [rows[i].label for i in inside],
                    [scores[i] for i in inside],
                    [rows[i].document for i in inside],
                    threshold,
                ),
            )


def mean_accuracy(families: dict[str, Score]) -> float:
    """Mean over news edits, natural web claims, and the mean of the planted domains."""
    domains = [s.accuracy.value for name, s in families.items() if name.startswith("summedits")]
    parts = [s.accuracy.value for name, s in families.items() if name.startswith(("bump", "wice"))]
    if domains:
        parts.append(sum(domains) / len(domains))
    return sum(parts) / len(parts) if parts else float("nan")


# News edits, natural web claims, and each of the seven domains of planted errors.
SHARES = {"bump": 1.0, "wice": 0.75, "summedits": 0.25}


def half_weights(labels: Sequence[int], families: Sequence[str]) -> np.ndarray:
    """A weight for each pair, such that half of each family's weight is of each label.

    A family weighs what `SHARES` says; the mean weight is 1.
    """
    truth, kinds = np.asarray(labels), np.asarray(families)
    weights = np.zeros(len(truth))
    for name in set(families):
        for label in (0, 1):
            inside = (kinds == name) & (truth == label)
            if inside.any():
                share = next((v for k, v in SHARES.items() if name.startswith(k)), 0.5)
                weights[inside] = share / inside.sum()
    return weights * len(truth) / weights.sum()


def brier(labels: Sequence[int], scores: Sequence[float], weights: np.ndarray) -> float:
    """Weighted mean squared distance between score and truth: .25 says always one half."""
    return float(np.average((np.asarray(scores) - np.asarray(labels)) ** 2, weights=weights))


def reliability(
    labels: Sequence[int], scores: Sequence[float], weights: np.ndarray, steps: int = 10
) -> list[dict[str, float]]:
    """For each tenth of the scale: mean score, share that is supported, and how many pairs."""
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

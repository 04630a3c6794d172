"""Shares and means with intervals, AUROC, RougeL, percentiles. Pure functions of values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import normalize

RESAMPLES = 10_000
SEED = 20_251
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share in 0..1 with the bounds of its 95 % bootstrap interval.

    Percentile bootstrap. If all or none of the ``n`` cases hit, every resample does, and the
    interval has no width; that does not make the share certain.
    """

    value: float
    low: float
    high: float
    n: int


def rate(outcomes: Sequence[bool]) -> Estimate:
    """The share of outcomes that are true.

    Raises:
        ValueError: There are no outcomes: the share of nothing is not 0.
    """
    resampled = _resampled_shares(outcomes, np.random.default_rng(SEED))
    return _estimate(sum(outcomes) / len(outcomes), resampled, len(outcomes))


def balanced_accuracy(answered: Sequence[bool], refused: Sequence[bool]) -> Estimate:
    """Mean of two shares: answerable questions answered, unanswerable ones refused.

    Each group is resampled by itself; ``n`` counts both.

    Raises:
        ValueError: One of the groups is empty.
    """
    generator = np.random.default_rng(SEED)
    shares = [_resampled_shares(group, generator) for group in (answered, refused)]
    value = (sum(answered) / len(answered) + sum(refused) / len(refused)) / 2
    return _estimate(value, (shares[0] + shares[1]) / 2, len(answered) + len(refused))


def mean(values: Sequence[float]) -> Estimate:
    """The mean of some values and its percentile bootstrap interval.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("there is nothing to take a mean of")
    sample = np.asarray(values, dtype=np.float64)
    means = _resampled_means(sample, np.random.default_rng(SEED))
    return _estimate(float(sample.mean()), means, len(sample))


def paired(
    strata: Sequence[Mapping[str, float]], earlier: Sequence[Mapping[str, float]]
) -> Estimate | None:
    """How far a figure has moved, over the questions of both runs; None if they share none.

    A figure is the mean over strata (such as answerable questions and others) of the mean over
    each one's questions. The differences of single questions are resampled within their stratum,
    so that what is hard for both runs does not widen the interval.

    Args:
        strata: Values by question.
        earlier: The same strata of an earlier run.
    """
    if len(strata) != len(earlier):
        return None
    differences = [
        np.array([now[key] - before[key] for key in now if key in before])
        for now, before in zip(strata, earlier, strict=True)
    ]
    if not differences or any(not len(part) for part in differences):
        return None
    generator = np.random.default_rng(SEED)
    resampled = np.mean([_resampled_means(part, generator) for part in differences], axis=0)
    value = float(np.mean([part.mean() for part in differences]))
    return _estimate(value, resampled, sum(map(len, differences)))


def area_under_roc(positive: NDArray[Any], negative: NDArray[Any]) -> float:
    """Share of pairs in which the positive case scores higher; ties count half."""
    return float(_wins(positive, np.sort(negative)).mean())


def _wins(values: NDArray[Any], ordered: NDArray[Any]) -> NDArray[np.float64]:
    """For each value the share of the ordered ones that it exceeds; ties count half."""
    below = np.searchsorted(ordered, values, side="left")
    ties = np.searchsorted(ordered, values, side="right") - below
    return np.asarray((below + ties / 2) / len(ordered))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> Estimate:
    """The area under the ROC curve with its interval; see `area_under_roc`.

    Raises:
        ValueError: One of the groups is empty.
    """
    if not positive or not negative:
        raise ValueError("both groups need a case")
    high, low = np.asarray(positive, dtype=float), np.sort(np.asarray(negative, dtype=float))
    wins = _wins(high, low)
    # Both groups vary; the negative one by the share of positives that each of its cases loses to.
    losses = 1 - _wins(low, np.sort(high))
    generator = np.random.default_rng(SEED)
    value = float(wins.mean())
    resampled = np.array(
        [
            generator.choice(wins, len(wins)).mean()
            + generator.choice(losses, len(losses)).mean()
            - value
            for _ in range(RESAMPLES // 10)
        ]
    )
    return _estimate(value, np.clip(resampled, 0, 1), len(positive) + len(negative))


def rouge_l(said: str, wanted: str) -> float:
    """F1, 0..1, of the longest common subsequence of words (letters and digits in lower case)."""
    one, other = (re.findall(r"[a-z0-9]+", text.lower()) for text in (said, wanted))
    if not one or not other:
        return 0.0
    row = [0] * (len(other) + 1)
    for word in one:
        before = row
        row = [0]
        for at, each in enumerate(other):
            row.append(before[at] + 1 if word == each else max(before[at + 1], row[at]))
    return 2 * row[-1] / (len(one) + len(other))


def _resampled_means(
    sample: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Means of samples of the same size, drawn with replacement."""
    means = np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        means[at] = sample[generator.integers(0, len(sample), len(sample))].mean()
    return means


def _resampled_shares(
    outcomes: Sequence[bool], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Shares of true outcomes in samples of the same size, drawn with replacement."""
    n = len(outcomes)
    if not n:
        raise ValueError("there is nothing to take a share of")
    # Drawing n times with replacement from k hits and n - k misses is binomial.
    return generator.binomial(n, sum(outcomes) / n, RESAMPLES) / n


def _estimate(value: float, resampled: NDArray[np.float64], n: int) -> Estimate:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(resampled, (tail, 1 - tail))
    return Estimate(value, float(low), float(high), n)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0..1) of the values do not exceed: nearest rank.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def contains(phrase: str, text: str) -> bool:
    """Whether a text holds the phrase as whole words, ignoring spaces, quotes and case."""
    wanted, found = normalize(phrase).text, normalize(text).text
    at = found.find(wanted)
    while wanted and at >= 0:
        before, after = found[at - 1 : at], found[at + len(wanted) : at + len(wanted) + 1]
        starts_inside = before.isalnum() and wanted[0].isalnum()
        ends_inside = after.isalnum() and wanted[-1].isalnum()
        if not (starts_inside or ends_inside):
            return True
        at = found.find(wanted, at + 1)
    return False


def contains_any(phrases: Iterable[str], text: str) -> bool:
    return any(contains(phrase, text) for phrase in phrases)

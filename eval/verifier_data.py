"""Pairs of a passage and a claim, labelled by whether the passage supports the claim."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        """Hash of what a split keeps together: the group, or for AttributionBench the passage."""
        own = self.group if not self.dataset.startswith("attribution") else self.passage
        return hashlib.sha256(f"{self.family}\n{own}".encode()).hexdigest()


def load_pairs(path: Path) -> tuple[Pair, ...]:
    """Pairs from JSON Lines, gzipped or not, with passage, claim, and mostly label and dataset.

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
    edits = row.get("edit_types") or []
    return Pair(
        id=str(row.get("id", number)),
        dataset=str(row.get("dataset", "")),
        group=str(row.get("group", number)),
        passage=passage,
        claim=claim,
        label=int(row.get("label", 0)),
        edits=tuple(edits) if isinstance(edits, list) else (str(edits),),
    )


# News edits, natural web claims, and each of the seven domains of made-up errors.
SHARES = {"bump": 1.0, "wice": 0.75, "summedits": 0.25}


def balanced_weights(labels: Sequence[int], families: Sequence[str]) -> NDArray[np.float64]:
    """A weight for each pair, so that both labels weigh the same within each family.

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
    return np.asarray(weights * len(truth) / weights.sum())

"""Gradient-boosted trees at run time; ``rag/data/answerability.json`` has the fitted ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from rag.data import read_json

# A leaf is its value; a node asks whether a feature is at most a threshold and has a subtree for
# yes, one for no, and the answer for a feature that is unknown.
Tree = float | tuple[str, float, bool, "Tree", "Tree"]


def evaluate(tree: Tree, values: Mapping[str, float | None]) -> float:
    """The value of the leaf that the features lead to; None means unknown."""
    while isinstance(tree, tuple):
        name, threshold, unknown_is_less, less, more = tree
        value = values[name]
        goes_left = unknown_is_less if value is None else value <= threshold
        tree = less if goes_left else more
    return tree


def probability(bias: float, trees: tuple[Tree, ...], values: Mapping[str, float | None]) -> float:
    """The probability, 0..1, that the summed trees give for these features."""
    total = bias + sum(evaluate(tree, values) for tree in trees)
    return 1.0 / (1.0 + math.exp(-max(min(total, 50.0), -50.0)))


@cache
def load_trees() -> tuple[float, tuple[Tree, ...]]:
    """Bias and trees of the fitted model; the file names the command that fits them."""
    stored = read_json("answerability.json")
    return stored["bias"], tuple(_tree(node) for node in stored["trees"])


def _tree(node: object) -> Tree:
    if not isinstance(node, list):
        return float(str(node))
    name, threshold, unknown_is_less, less, more = node
    return (str(name), float(threshold), bool(unknown_is_less), _tree(less), _tree(more))

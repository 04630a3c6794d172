"""The fitted trees, as they are stored, give the chances of the library that fitted them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from eval.training import weights
from eval.training.answerability import Fit, cross_validate, folds, store
from eval.training.answerability_data import Example
from rag.answerability.assessment import _tree, probability

NAMES = ("reads", "best_cosine", "size", "worst_side")


def examples(count: int = 300) -> list[Example]:
    drawn = random.Random(7)
    made = []
    for number in range(count):
        answerable = drawn.random() < 0.5
        values: dict[str, float | None] = {
            name: drawn.gauss(0.3 + 0.3 * answerable, 0.25) for name in NAMES
        }
        if number % 3:
            values["worst_side"] = None
        unread = {**values, "reads": None}
        kind = ("seeds", "news")[number % 2]
        made.append(Example(f"q{number // 2}", kind, values, unread, answerable))
    return made


def test_stored_trees_are_the_fitted_ones() -> None:
    made = examples()
    fit = Fit(made)
    stored = json.loads(json.dumps(fit.stored()))
    trees = tuple(_tree(node) for node in stored["trees"])
    rows = [each.features for each in made] + [each.unread for each in made]
    ours = [probability(stored["bias"], trees, row) for row in rows]
    # Leaves are rounded when they are stored.
    assert ours == pytest.approx(fit.chances(rows).tolist(), abs=0.01)
    assert max(ours) - min(ours) > 0.5


def test_what_belongs_together_is_not_parted() -> None:
    for others, left_out in folds(examples()):
        assert not {each.about for each in others} & {each.about for each in left_out}


def test_cross_validation_reports_each_kind() -> None:
    groups = cross_validate(examples())
    assert set(groups) == {"seeds", "news"}
    assert groups["news"]["auroc"].value > 0.6


def test_trees_are_stored_with_the_command_that_made_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    path = store(Fit(examples(80)))
    assert path == tmp_path / "answerability.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored.pop("_source").startswith("python -m eval fit answerability ")
    assert set(stored) == {"bias", "trees"}

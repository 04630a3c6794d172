"""Fitting the answerability classifier, and the weights as they are stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.training import answerability, weights
from eval.training.answerability_data import (
    ANSWERABLE,
    NATURAL,
    REMOVED,
    SINGLE_SHARES,
    Example,
)


def multi_part() -> list[Example]:
    made = []
    for n in range(40):
        noise = n % 3 / 3
        made += [
            Example(f"yes {n}", ANSWERABLE, {"good": 0.6 + n / 100, "noise": noise}, True),
            Example(f"no {n}", NATURAL, {"good": n / 100, "noise": noise}, False),
            Example(f"yes {n}", REMOVED, {"good": 0.1 + n / 100, "noise": 0.5}, False),
        ]
    return made


def single() -> list[Example]:
    made = []
    for n in range(200):
        for kind in SINGLE_SHARES:
            features = {"good": n / 200 + (0.3 if n % 2 else 0.0), "noise": n % 7 / 7}
            if kind not in ("passage hidden", "news alone") or not n % 2:
                made.append(Example(f"{kind} {n}", kind, features, bool(n % 2)))
    return made


def test_the_feature_that_tells_gets_the_weight() -> None:
    made = answerability.fit_multi_part(multi_part(), ["good", "noise"])
    assert made.weights["good"] > abs(made.weights["noise"])
    assert made.total({"good": 0.9, "noise": 0.3}) > 0 > made.total({"good": 0.1, "noise": 0.3})
    figures = answerability.cross_validate_multi_part(multi_part(), ["good", "noise"])
    assert figures[NATURAL]["auroc"].value > 0.95
    useless = answerability.cross_validate_multi_part(multi_part(), ["noise"])
    assert useless[NATURAL]["auroc"].value < 0.7


def test_single_questions_are_weighted_by_kind() -> None:
    made = answerability.fit_single(single())
    assert made.weights["good"] > 10 * abs(made.weights["noise"])
    assert {answerability.refusal_cost(e) for e in single() if not e.answerable} == {1.0}
    figures = answerability.cross_validate_single(single())
    assert "refused_of_unanswerable" in figures["news alone"]
    assert "auroc" not in figures["news alone"]
    assert figures["news"]["auroc"].value > 0.7


def test_no_question_is_on_both_sides_of_a_fold() -> None:
    for others, judged in answerability.folds(multi_part()):
        assert judged and not {e.question for e in others} & {e.question for e in judged}


def test_weights_are_stored_with_the_command_that_made_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    path = answerability.store(
        answerability.AnswerabilityFit({"a": 1.5, "a*b": -2.0, "unused": 0.0}, 0.25),
        answerability.AnswerabilityFit({"c": 0.5}, -1.0),
    )
    assert path == tmp_path / "answerability.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored.pop("_source").startswith("python -m eval fit answerability ")
    assert stored == {
        "single": {"bias": -1.0, "weights": {"c": 0.5}},
        "multi_part": {"bias": 0.25, "weights": {"a": 1.5, "a*b": -2.0}},
    }

"""The suite over the verifier: figures worked out by hand, perturbed sentences, files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from articles import BRIDGE, HARBOUR
from eval import verifier_data
from eval.__main__ import app
from eval.metrics import area_under_roc
from eval.suites import perturbation
from eval.suites.verifier_metrics import (
    brier,
    drawing,
    reliability,
    score_dataset,
    score_secondary,
)
from eval.training import verifier, weights
from eval.training.bounded_logistic import EITHER, fit_bounded
from rag import ArticleError, Evidence, support_features, support_score, verifier_metrics


def test_auroc_counts_ties_as_half() -> None:
    assert area_under_roc(np.array([0.9, 0.5]), np.array([0.1, 0.5])) == 0.875
    assert area_under_roc(np.array([0.0]), np.array([1.0])) == 0.0


def test_balanced_accuracy_of_one_dataset() -> None:
    score = score_dataset([1, 1, 0, 0, 0, 0], [0.9, 0.4, 0.1, 0.2, 0.3, 0.8], list("abcdef"), 0.5)
    assert (score.accepted, score.refused, score.accuracy.value) == (0.5, 0.75, 0.625)
    assert score.accuracy.low <= 0.625 <= score.accuracy.high
    with pytest.raises(ValueError, match="both"):
        score_dataset([1, 1], [0.1, 0.2], ["a", "b"], 0.5)


def test_both_labels_weigh_the_same() -> None:
    labels, families = [1, 0, 0, 0, 1, 0], ["bump"] * 4 + ["wice"] * 2
    weights = verifier_data.balanced_weights(labels, families)
    assert weights[0] == pytest.approx(weights[1:4].sum())
    assert weights.mean() == pytest.approx(1.0)
    assert brier([1, 0], [1.0, 0.5], np.ones(2)) == 0.125


def test_reliability() -> None:
    rows = reliability([1, 0, 1], [0.95, 0.91, 1.0], np.ones(3))
    assert [(row["from"], row["n"]) for row in rows] == [(0.9, 3)]
    assert rows[0]["supported"] == pytest.approx(2 / 3)


def test_sentences_are_perturbed_the_same_way_every_time() -> None:
    once = perturbation.perturb((BRIDGE, HARBOUR), 5)
    assert once == perturbation.perturb((BRIDGE, HARBOUR), 5)
    made = {item.kind for item in once}
    assert made >= {"changed number", "changed date", "wrong article", "stitched quote", ""}
    for item in once:
        if item.kind and item.kind != "wrong article":
            assert item.text not in item.article.text


def test_scores_are_written_one_a_line(tmp_path: Path) -> None:
    rows = [
        {"passage": BRIDGE.text, "claim": "The bridge reopened on Monday."},
        {"passage": BRIDGE.text, "claim": "The volcano of Stromboli erupted at dawn."},
        {"passage": "", "claim": ""},
    ]
    data, out = tmp_path / "pairs.jsonl.gz", tmp_path / "scores.txt"
    with gzip.open(data, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    done = CliRunner().invoke(app, ["verifier", "--score-only", str(data), "--out", str(out)])
    assert done.exit_code == 0, done.output
    scores = [float(line) for line in out.read_text().splitlines()]
    assert scores[0] > 0.5 > scores[1] >= scores[2]


@pytest.mark.parametrize("line", ["{", "[]", '{"passage": 1, "claim": "x"}', '{"claim": "x"}'])
def test_a_line_that_is_no_pair_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(f'{{"passage": "a", "claim": "b"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(ArticleError, match="Line 2"):
        verifier_data.load_pairs(file)


def test_edit_kinds_are_a_list_a_name_or_missing(tmp_path: Path) -> None:
    rows = [{}, {"edit_types": ["a", "b"]}, {"edit_types": "c"}]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps({"passage": "p", "claim": "c", **r}) + "\n" for r in rows))
    assert [pair.edits for pair in verifier_data.load_pairs(file)] == [(), ("a", "b"), ("c",)]


def test_facts_are_accepted_by_their_own_article_alone() -> None:
    fact = "Fishermen complained that the work had scared away the perch"
    assert support_score(HARBOUR.text, fact) > 0.5 > support_score(BRIDGE.text, fact)


class Knowing:
    """A secondary verifier that accepts every sentence about the bridge."""

    name = "the knowing one"

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        assert passages[0].passage.text in " ".join(BRIDGE.text.split())
        return 0.9 if "bridge" in sentence else 0.2


def test_a_secondary_verifier_is_measured_alone_and_with_the_built_in_one() -> None:
    claims = [
        ("The bridge reopened on Monday.", 1, 0.8),
        ("The bridge was sold.", 0, 0.4),
        ("Ana Ruiz cut a ribbon.", 1, 0.7),
        ("The bridge reopened on Monday. A volcano erupted.", 0, 0.6),
    ]
    rows = [
        verifier_data.Pair(str(n), "bump", str(n), BRIDGE.text, claim, label)
        for n, (claim, label, _) in enumerate(claims)
    ]
    found = score_secondary(Knowing(), rows, [built_in for *_, built_in in claims], 0.5)
    # Of several sentences the worst counts: the last claim is refused.
    assert (found.alone["bump"].accepted, found.alone["bump"].refused) == (0.5, 0.5)
    assert (found.both["bump"].accepted, found.both["bump"].refused) == (0.5, 1.0)


def test_the_reliability_curve_is_a_drawing() -> None:
    rows = reliability([1, 0, 1, 0], [0.95, 0.12, 0.81, 0.15], np.ones(4))
    root = ElementTree.fromstring(drawing(rows, 0.1))
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert tags.count("circle") == 3 and tags.count("polyline") == 1
    assert "0.100" in "".join(root.itertext())


def test_weights_keep_to_what_their_signals_mean() -> None:
    names = ["held_near", "missing", "name_any"]
    generator = np.random.default_rng(1)
    table = generator.normal(size=(400, 3))
    # A world in which the missing speaks for and the held against.
    labels = (table[:, 1] - table[:, 0] + table[:, 2] > 0).astype(int)
    bounds = verifier.directions(names)
    found, _ = fit_bounded(table, labels, np.ones(400), bounds, 300)
    assert found[0] == pytest.approx(0.0) and found[1] == pytest.approx(0.0)
    assert found[2] > 0.1
    free, _ = fit_bounded(table, labels, np.ones(400), [EITHER] * 3, 300)
    assert free[0] < -0.1 < 0.1 < free[1]


def test_every_fitted_weight_keeps_to_it_too() -> None:
    signals = support_features(BRIDGE.text, "The bridge reopened on Monday.")
    stored = stored_weights()
    assert set(stored) == set(signals)
    low_high = dict(zip(stored, verifier.directions(list(stored)), strict=True))
    for name, weight in stored.items():
        low, high = low_high[name]
        assert (low is None or weight >= low) and (high is None or weight <= high), name


def test_a_fit_is_stored_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    made = verifier.VerifierFit(-0.12345, {"held_near": 0.5, "missing": -0.25}, 0.6, ())
    stored = json.loads(verifier.store(made, "pairs.jsonl").read_text(encoding="utf-8"))
    assert stored == {
        "_source": "python -m eval fit verifier --data pairs.jsonl",
        "bias": -0.1235,
        "below": 0.6,
        "verbatim": 0.99,
        "weights": {"held_near": 0.5, "missing": -0.25},
    }


def stored_weights() -> dict[str, float]:
    from rag.verification.support_model import load_verifier_model

    return dict(load_verifier_model().weights)


def test_the_stored_check_keeps_its_promises() -> None:
    """What is published: fewer would be a step back, and the page would show it."""
    figures = verifier_metrics()
    assert figures is not None
    assert figures["caught"]["all"]["n"] >= 300
    assert figures["caught"]["all"]["value"] >= 0.95
    assert figures["false_alarms"]["value"] <= 0.02
    assert figures["controls"]["own article"]["value"] >= 0.995
    assert figures["controls"]["another article"]["value"] <= 0.01

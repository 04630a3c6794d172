"""The suite over the checker: figures worked out by hand, planted errors, files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from articles import BRIDGE, HARBOUR
from eval import pairs, planting
from eval.__main__ import app
from rag import ArticleError, checker_figures, support_score
from ui.how import how_html


def test_auroc_counts_ties_as_half() -> None:
    assert pairs.auroc(np.array([1, 0, 1, 0]), np.array([0.9, 0.1, 0.5, 0.5])) == 0.875
    assert pairs.auroc(np.array([1, 0]), np.array([0.0, 1.0])) == 0.0


def test_balanced_accuracy_of_one_dataset() -> None:
    score = pairs.measure([1, 1, 0, 0, 0, 0], [0.9, 0.4, 0.1, 0.2, 0.3, 0.8], list("abcdef"), 0.5)
    assert (score.accepted, score.refused, score.accuracy.value) == (0.5, 0.75, 0.625)
    assert score.accuracy.low <= 0.625 <= score.accuracy.high
    with pytest.raises(ValueError, match="both"):
        pairs.measure([1, 1], [0.1, 0.2], ["a", "b"], 0.5)


def test_half_of_each_dataset_weighs_true() -> None:
    labels, families = [1, 0, 0, 0, 1, 0], ["bump"] * 4 + ["wice"] * 2
    weights = pairs.half_weights(labels, families)
    assert weights[0] == pytest.approx(weights[1:4].sum())
    assert weights.mean() == pytest.approx(1.0)
    assert pairs.brier([1, 0], [1.0, 0.5], np.ones(2)) == 0.125


def test_reliability() -> None:
    rows = pairs.reliability([1, 0, 1], [0.95, 0.91, 1.0], np.ones(3))
    assert [(row["from"], row["n"]) for row in rows] == [(0.9, 3)]
    assert rows[0]["supported"] == pytest.approx(2 / 3)


def test_the_same_errors_are_planted_every_time() -> None:
    once = planting.plant((BRIDGE, HARBOUR), 5)
    assert once == planting.plant((BRIDGE, HARBOUR), 5)
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
        pairs.load_pairs(file)


def test_facts_are_accepted_by_their_own_article_alone() -> None:
    fact = "Fishermen complained that the work had scared away the perch"
    assert support_score(HARBOUR.text, fact) > 0.5 > support_score(BRIDGE.text, fact)


def test_the_note_shows_the_stored_figures() -> None:
    figures = checker_figures()
    assert figures is not None
    note = how_html(figures)
    assert f"{figures['mean']:.0%}" in note and str(figures["measured"]) in note
    assert "not been measured" in how_html(None)
    assert "cannot be read" in how_html({"caught": 3})


def test_the_stored_check_keeps_its_promises() -> None:
    """What is published: fewer would be a step back, and the page would show it."""
    figures = checker_figures()
    assert figures is not None
    assert figures["caught"]["all"]["n"] >= 300
    assert figures["caught"]["all"]["value"] >= 0.95
    assert figures["false_alarms"]["value"] <= 0.02
    assert figures["controls"]["own article"]["value"] >= 0.995
    assert figures["controls"]["another article"]["value"] <= 0.01

"""Drafts are verified as in an answer, and each labelled sentence counts once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from eval.libraries import seeds_library
from eval.suites import drafts

TRUE = "OpenAI’s superior GPT-4 is a model with 1.8 trillion parameters."
FALSE = "OpenAI’s superior GPT-4 is a model with 3.4 trillion parameters."
ROWS = [
    {
        "question": "How many parameters does GPT-4 have?",
        "version": version,
        "draft": " ".join(f"{text} [1]" for text, _ in told),
        "sentences": [{"bare": text, "label": label} for text, label in told],
    }
    for version, told in (
        ("close", [(TRUE, "true")]),
        ("close", [(TRUE, "true"), (FALSE, "false")]),
        ("planted", [(FALSE, "false")]),
    )
]


def test_drafts_are_verified_sentence_by_sentence(tmp_path: Path) -> None:
    file = tmp_path / "drafts.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in ROWS)
    with seeds_library() as library:
        report = drafts.measure(file, library)
    close, fluent = report.groups["close"], report.groups["fluent"]
    assert (close["true_supported"].n, close["false_supported"].n) == (1, 1)
    assert close["false_supported"].value == 0 and fluent["false_supported"].value == 0
    assert close["true_answers_without_doubt"].n == 1
    assert "true_supported" not in fluent


def test_a_judge_that_knows_the_labels_confirms_all_that_is_true(tmp_path: Path) -> None:
    told = "The number of parameters that GPT-4 has is put at 1.8 trillion."
    wrong = "The number of parameters that GPT-4 has is put at 3.4 trillion."
    words = "GPT-4 is a model with; 1.8 trillion parameters"
    labels = [(told, "true", words), (wrong, "false", ""), (TRUE, "true", "not in the articles")]
    row = {
        "question": "How many parameters does GPT-4 have?",
        "version": "fluent",
        "draft": " ".join(text for text, _, _ in labels),
        "sentences": [{"bare": t, "label": label, "words": w} for t, label, w in labels],
    }
    file = tmp_path / "drafts.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")
    with seeds_library() as library:
        report = drafts.measure(file, library, reader=False, checker="labels")
    fluent = report.groups["fluent"]
    assert (fluent["true_supported"].value, fluent["true_supported"].n) == (1, 2)
    assert (fluent["false_supported"].value, fluent["false_supported"].n) == (0, 1)

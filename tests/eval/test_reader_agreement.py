"""Agreement with people on claims and evidence: what counts as supported, and by whom."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from eval.suites import reader_agreement
from rag import ArticleError
from rag.reader import OptionalReader

TOLD = (
    "The mill of Esk was built in 1932 by the brothers Holm. It burned down twice. The town paid "
    "for a new roof. Since then it has made paper. Forty people work there. It is open on "
    "Sundays. Visitors see the wheel. In 1990 it was bought by Anna Berg."
)
ROWS = [
    ("The mill of Esk was built in 1932 by the brothers Holm.", TOLD, "completely-support"),
    ("Anna Berg bought it in 1990.", TOLD, "completely-support"),
    ("The mill of Esk was built in 1871 by the brothers Holm.", TOLD, "refute"),
    ("The brothers Holm were Danes who owned a bank.", TOLD, "partially-support"),
    ("Penguins cannot fly.", TOLD, "irrelevant"),
    ("Penguins cannot fly.", "", "irrelevant"),
]


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_three_ways_are_measured_beside_the_published_ones(tmp_path: Path) -> None:
    names = ("claim", "evidence", "stance")
    rows = [dict(zip(names, row, strict=True)) for row in ROWS]
    report = reader_agreement.measure(written(tmp_path / "pairs.jsonl.gz", rows))
    assert list(report.groups) == [
        "the rules and the fitted model",
        "the check as in answers",
        "the reader alone",
    ]
    whole = report.groups["the check as in answers"]
    assert whole["auroc"].value == 1 and whole["auroc"].n == len(ROWS)
    few = reader_agreement.measure(tmp_path / "pairs.jsonl.gz", limit=5)
    assert few.groups["the reader alone"]["auroc"].n == 5
    assert report.to_dict()["settings"]["published_balanced_accuracy"]["MiniCheck-FT5"] == 0.747


def test_every_window_of_long_evidence_is_read() -> None:
    reader = OptionalReader()()
    assert reader is not None
    last = reader_agreement.ClaimPair("In 1990 it was bought by Anna Berg.", TOLD, "")
    assert reader_agreement.read(last, reader) > reader_agreement.read(
        last._replace(evidence=TOLD[:200]), reader
    )


def test_a_file_without_pairs_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"other\.gz"):
        reader_agreement.measure(written(tmp_path / "other.gz", [{"claim": "x"}]))

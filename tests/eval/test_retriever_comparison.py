"""The hybrid compared with its retrievers, counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import datasets
from eval.__main__ import app
from eval.scoring import CUTOFFS
from eval.suites.retriever_comparison import Comparisons, Ranks, compare

# Hybrid, dense, keyword.
RANKS: tuple[Ranks, ...] = (
    {"hybrid": 1, "dense": 4, "keyword": None},
    {"hybrid": 3, "dense": 3, "keyword": 1},
    {"hybrid": None, "dense": 10, "keyword": 2},
)


def test_differences_are_counted_question_by_question() -> None:
    found = {(row.within, row.retriever): row for row in compare("made", RANKS)}
    assert len(found) == 2 * len(CUTOFFS)
    first = found[1, "keyword"]
    assert (first.found, first.won, first.lost, first.difference, first.n) == (1, 1, 1, 0, 3)
    third = found[3, "dense"]
    assert (third.found, third.won, third.lost, third.difference) == (2, 1, 0, 1)
    tenth = found[10, "dense"]
    assert (tenth.won, tenth.lost, tenth.difference) == (0, 1, -1)
    assert compare("nothing", ()) == ()


def test_a_line_for_each_cutoff() -> None:
    comparisons = Comparisons(compare("made", RANKS))
    lines = comparisons.lines()
    assert lines[0] == "hybrid compared with each retriever alone, made"
    assert lines[1] == (
        "  among the first  1: 1 of 3, ahead of dense by 1 (1 won, 0 lost);"
        " level with keyword (1 won, 1 lost)"
    )
    assert "BEHIND dense by 1 (0 won, 1 lost)" in lines[4]
    assert len(lines) == 1 + len(CUTOFFS)
    assert Comparisons().lines() == []
    assert comparisons.to_list()[0] == {
        **{"questions": "made", "within": 1, "retriever": "dense"},
        **{"found": 1, "won": 1, "lost": 0, "n": 3, "difference": 1},
    }


BRIDGE = "Ada Brandt plans a bridge to Lorn Island. It is to open in 2031."
FERRY = "The ferry to Lorn Island costs four euros. It sails at noon from the harbour."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    listed = [{"title": "Bridge", "body": BRIDGE, "source": "Post", "url": "https://a.invalid/b"}]
    (tmp_path / "corpus.json").write_text(json.dumps(listed))
    fact = {"title": "Bridge", "fact": "plans a bridge to Lorn Island"}
    query = {"query": "Who plans a bridge?", "question_type": "plain", "evidence_list": [fact]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(query))
    passage = {
        "input": "What does the ferry to Lorn Island cost?",
        "passages": [{"title": "Ferry", "sentences": FERRY.split(". ")}],
        "output": [{"answer": "four euros", "selected_sentences": ["four euros"]}],
        "answerable": True,
    }
    (tmp_path / datasets.PASSAGES.removesuffix(".gz")).write_text(json.dumps(passage))
    return tmp_path


def test_the_report_compares_on_every_set(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PASSAGES", datasets.PASSAGES.removesuffix(".gz"))
    out = data / "out.json"
    files = ["--corpus", str(data / "corpus.json"), "--queries", str(data / "queries.jsonl")]
    rest = ["--cache", str(data / "cache"), "--out", str(out)]
    done = CliRunner().invoke(app, ["retrieval", "--data", str(data), *files, *rest])
    assert done.exit_code == 0, done.output
    rows = json.loads(out.read_text())["retriever_comparison"]
    # The short questions about the news are left out: none of their articles is there.
    assert list(dict.fromkeys(row["questions"] for row in rows)) == [
        *("the questions of the set", "short questions, all passages"),
        "short questions, passages among news",
    ]
    assert all(row["found"] == row["n"] == 1 and row["difference"] == 0 for row in rows)
    assert done.output.count("among the first 10: 1 of 1, level with dense; level with") == 3

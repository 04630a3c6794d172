"""How the hybrid stands to its arms, counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import datasets, retriever_comparison
from eval.__main__ import app
from eval.scoring import CUTOFFS

# Hybrid, dense, keyword.
RANKS: tuple[retriever_comparison.Ranks, ...] = (
    {"hybrid": 1, "dense": 4, "keyword": None},
    {"hybrid": 3, "dense": 3, "keyword": 1},
    {"hybrid": None, "dense": 10, "keyword": 2},
)


def test_leads_are_counted_question_by_question() -> None:
    found = {(lead.within, lead.arm): lead for lead in retriever_comparison.leads("made", RANKS)}
    assert len(found) == 2 * len(CUTOFFS)
    first = found[1, "keyword"]
    assert (first.found, first.won, first.lost, first.by, first.n) == (1, 1, 1, 0, 3)
    third = found[3, "dense"]
    assert (third.found, third.won, third.lost, third.by) == (2, 1, 0, 1)
    tenth = found[10, "dense"]
    assert (tenth.won, tenth.lost, tenth.by) == (0, 1, -1)
    assert retriever_comparison.leads("nothing", ()) == ()


def test_a_line_for_each_cutoff() -> None:
    told = list(retriever_comparison.lines(retriever_comparison.leads("made", RANKS)))
    assert told[0] == "hybrid beside its arms, made"
    assert told[1] == (
        "  among the first  1: 1 of 3, ahead of dense by 1 (1 won, 0 lost);"
        " level with keyword (1 won, 1 lost)"
    )
    assert "BEHIND dense by 1 (0 won, 1 lost)" in told[4]
    assert len(told) == 1 + len(CUTOFFS)
    assert list(retriever_comparison.lines(())) == []
    assert retriever_comparison.to_list(retriever_comparison.leads("made", RANKS))[0] == {
        **{"questions": "made", "within": 1, "arm": "dense"},
        **{"found": 1, "won": 1, "lost": 0, "n": 3, "by": 1},
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


def test_the_scoreboard_tells_it_of_every_set(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PASSAGES", datasets.PASSAGES.removesuffix(".gz"))
    out = data / "out.json"
    files = ["--corpus", str(data / "corpus.json"), "--queries", str(data / "queries.jsonl")]
    rest = ["--cache", str(data / "cache"), "--out", str(out)]
    done = CliRunner().invoke(app, ["retrieval", "--data", str(data), *files, *rest])
    assert done.exit_code == 0, done.output
    leads = json.loads(out.read_text())["hybrid_leads"]
    # The short questions about the news are left out: none of their articles is there.
    assert list(dict.fromkeys(lead["questions"] for lead in leads)) == [
        *("the questions of the set", "short questions, all passages"),
        "short questions, passages among news",
    ]
    assert all(lead["found"] == lead["n"] == 1 and lead["by"] == 0 for lead in leads)
    assert done.output.count("among the first 10: 1 of 1, level with dense; level with") == 3

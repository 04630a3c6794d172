"""The commands over public question sets, on a few lines: names, intervals, comparisons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from eval import datasets
from eval.__main__ import app
from eval.cases import short_news
from eval.libraries import news_library
from eval.metrics import mean, paired
from eval.report import FiguresReport
from eval.suites import speed
from eval.vector_cache import CachedEmbedder
from rag import FootnoteError, Span, open_library

OPEN_FILES = Path("/proc/self/fd")
ARTICLES = {
    "Ferry": "The ferry to Lorn Island costs four euros. It sails at noon from the old harbour.",
    "Bridge": "Ada Brandt plans a bridge to Lorn Island. The bridge is to open in 2031.",
    "Tram": "The tram to the market runs every ten minutes. A ticket costs two euros.",
}
QUERIES = [
    ("Where does Ada Brandt plan a bridge?", "Bridge", "Ada Brandt plans a bridge to Lorn Island"),
    ("What does the ferry to Lorn Island cost?", "Ferry", "costs four euros"),
    ("Who discovered the volcanoes of Peru?", None, None),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    articles = [
        {"title": title, "body": body, "source": "Post", "url": f"https://a.invalid/{title}"}
        for title, body in ARTICLES.items()
    ]
    (folder / "corpus.json").write_text(json.dumps(articles))
    rows = [
        {
            "query": query,
            "question_type": "plain" if fact else "null_query",
            "evidence_list": [{"title": title, "fact": fact}] if fact else [],
        }
        for query, title, fact in QUERIES
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    passages = [
        {
            "input": query,
            "passages": [{"title": "Ferry", "sentences": ARTICLES["Ferry"].split(". ")}],
            "output": [{"answer": answer, "selected_sentences": [answer] if answer else []}],
            "answerable": bool(answer),
        }
        for query, answer in (
            ("What does the ferry to Lorn Island cost?", "The ferry costs four euros"),
            ("Who discovered the volcanoes of Peru?", ""),
        )
    ]
    (folder / "passages.jsonl").write_text("\n".join(map(json.dumps, passages)))
    return folder


def run(data: Path, suite: str, *options: str) -> dict[str, Any]:
    out = data / f"{suite}.json"
    files = ["--queries", str(data / ("passages.jsonl" if suite == "clapnq" else "queries.jsonl"))]
    if suite != "clapnq":
        files += ["--corpus", str(data / "corpus.json")]
    cache = ["--cache", str(data / "cache")]
    command = [suite, "--data", str(data), *files, *cache, "--out", str(out), *options]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    return dict(json.loads(out.read_text()))


NAMES = {
    "retrieval": ("recall_2048", "all_2048", "hits_at_4", "hits_at_10", "mrr_at_10"),
    "abstention": (
        *("balanced_accuracy", "answered_of_answerable", "refused_of_unanswerable", "auroc"),
    ),
    "citations": ("precision", "recall", "integrity"),
    "clapnq": ("rouge_l", "balanced_accuracy", "precision", "recall"),
}


@pytest.mark.parametrize("suite", NAMES)
def test_a_suite_writes_its_figures_and_compares_itself(data: Path, suite: str) -> None:
    first = run(data, suite)
    for name in NAMES[suite]:
        low, high = first[f"{name}_ci"]
        assert low <= first[name] <= high
    assert first["n"] and first["suite"] == suite
    earlier = data / f"earlier-{suite}.json"
    earlier.write_text(json.dumps(first))
    again = run(data, suite, "--against", str(earlier))
    moved = {name: value for name, value in again["against"].items() if name != "n"}
    assert moved and all(value in (0.0, [0.0, 0.0]) for value in moved.values())


def test_the_right_articles_are_found(data: Path) -> None:
    values = run(data, "retrieval")
    assert values["recall_2048"] == values["hits_at_4"] == 1.0
    assert set(values["groups"]) >= {"dense", "keyword", "hybrid minus dense", "plain"}
    assert values["questions"]["recall_2048"] == [
        {datasets.key(query): 1.0 for query, _, fact in QUERIES if fact}
    ]


@pytest.mark.parametrize("name", ["citing", "passages"])
def test_there_are_no_other_names(name: str) -> None:
    assert CliRunner().invoke(app, [name, "--data", "."]).exit_code == 2


def test_a_paired_difference_is_narrower_than_two_means() -> None:
    hard = {str(n): float(n % 10) for n in range(200)}
    better = {key: value + (0.5 if int(key) % 4 else 0.0) for key, value in hard.items()}
    moved = paired([better], [hard])
    assert moved is not None
    assert moved.value == pytest.approx(0.375)
    assert 0.3 < moved.low < moved.high < 0.45
    alone = mean(list(better.values()))
    assert moved.high - moved.low < (alone.high - alone.low) / 5


def test_only_questions_of_both_runs_are_compared() -> None:
    moved = paired([{"a": 1.0, "b": 0.0}, {"c": 1.0}], [{"a": 0.0, "x": 1.0}, {"c": 1.0}])
    assert moved is not None and moved.value == 0.5 and moved.n == 2
    assert paired([{"a": 1.0}], [{"b": 1.0}]) is None
    assert paired([{"a": 1.0}], []) is None


def test_runs_that_cannot_be_compared_are_refused() -> None:
    report = FiguresReport(
        suite="suite", groups={"all": {"x": mean([1.0])}}, questions={"x": [{"a": 1.0}]}
    )
    with pytest.raises(FootnoteError, match="of 'other'"):
        report.compared_with({"suite": "other"})
    with pytest.raises(FootnoteError, match="same questions"):
        report.compared_with({"suite": "suite", "questions": {"x": [{"b": 1.0}]}})


def test_vectors_are_made_once(tmp_path: Path) -> None:
    texts, spans = ["The ferry sails.", "A bridge stands."], [[Span(0, 9)], []]
    first = CachedEmbedder(tmp_path)
    made = first.embed_with_spans(texts, spans)
    assert first.embedded == 2
    second = CachedEmbedder(tmp_path)
    kept = second.embed_with_spans([*reversed(texts), texts[0]], [[], [Span(0, 9)], [Span(4, 9)]])
    assert second.embedded == 1  # a stretch that was not asked for before
    assert np.array_equal(kept.texts[1], made.texts[0])
    assert np.array_equal(kept.spans[1], made.spans[0])
    assert kept.spans[0].shape == (0, 384) and made.spans[0].shape == (1, 384)
    # Vectors of a batch differ a little from those of a text alone.
    assert second.embed(texts) == pytest.approx(made.texts, abs=1e-5)
    with pytest.raises(FootnoteError, match="cannot be kept"):
        CachedEmbedder(tmp_path / "eval-vectors.sqlite3")


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="open files are not listed there")
def test_kept_vectors_hold_no_file_open(tmp_path: Path) -> None:
    embedder = CachedEmbedder(tmp_path)
    for texts in (["The ferry sails."], ["The ferry sails.", "A bridge stands."]):
        embedder.embed(texts)
    assert embedder.embedded == 2
    assert not [file for file in OPEN_FILES.iterdir() if tmp_path in file.resolve().parents]


def test_short_questions_are_balanced() -> None:
    cases = short_news()
    assert len(cases) >= 300
    assert 0.4 < sum(case.answerable for case in cases) / len(cases) < 0.6


def test_a_large_library_is_made_and_timed(data: Path, tmp_path: Path) -> None:
    with news_library(data / "corpus.json", None, data / "cache") as small:
        speed.make_large(small, tmp_path / "large", 30)
    with open_library(tmp_path / "large") as large:
        assert sum(summary.passages for summary in large.articles()) >= 30
        assert len({large.article(s.source.id).text for s in large.articles()}) > 10
        row = speed.timed("search", ["ferry"], speed.searcher(large))
        assert row.n == 1 and 0 < row.p50 <= row.p95
    assert "search" in speed.SpeedReport({"30 passages": (row,)}).table()

"""Public question sets and their figures, against cases worked out by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from eval.datasets import Fact, Question, questions, squeezed
from eval.metrics import auroc, mean, rouge_l
from eval.suites.abstention import gold_articles
from eval.suites.citations import precision_recall
from eval.suites.retrieval import RankingScore, fitting, score_ranking


def test_a_fact_is_found_in_one_passage_ignoring_spaces() -> None:
    passages = ["nothing", "the  sky\nis blue today", "grass is green"]
    assert score_ranking(["sky is blue", "grass is red"], passages, 2) == RankingScore(
        0.5, 0.0, 1.0, 1.0, 0.5
    )
    assert score_ranking(["sky is blue", "grass is green"], passages, 3).all_2048 == 1.0
    # The second fact lies beyond the budget, but among the ten.
    assert score_ranking(["grass is green"], passages, 2) == RankingScore(
        0.0, 0.0, 1.0, 1.0, pytest.approx(1 / 3)
    )


def test_a_fact_cut_in_two_is_not_found() -> None:
    assert score_ranking(["sky is blue"], ["the sky", "is blue"], 2) == RankingScore(
        0.0, 0.0, 0.0, 0.0, 0.0
    )


def test_hits_end_at_four_and_ten() -> None:
    passages = ["x"] * 4 + ["gold"] + ["x"] * 10
    row = score_ranking(["gold"], passages, 0)
    assert (row.hits_at_4, row.hits_at_10, row.mrr_at_10) == (0.0, 1.0, 0.2)
    assert score_ranking(["gold"], ["x"] * 10 + ["gold"], 11).hits_at_10 == 0.0


def test_what_fits_a_budget() -> None:
    assert fitting([10, 20, 30], 30) == 2
    assert fitting([10, 20, 30], 29) == 1
    assert fitting([40], 30) == 0
    assert fitting([], 30) == 0


def test_cited_sentences() -> None:
    facts = ["A b c.", "D e f.", "G h."]
    assert precision_recall(["A b c. More.", "x"], facts) == (0.5, pytest.approx(1 / 3))
    assert precision_recall(["D e"], facts) == (1.0, pytest.approx(1 / 3))
    assert precision_recall([], facts) == (None, 0.0)


def test_rouge_l() -> None:
    # Longest common subsequence "the cat mat" of 4 and 5 words: 2 * 3 / 9.
    assert rouge_l("The cat, a mat!", "the cat on the mat") == pytest.approx(2 / 3)
    assert rouge_l("", "a") == 0.0
    assert rouge_l("b a", "a b") == pytest.approx(0.5)


def test_area_under_the_curve() -> None:
    # Pairs: 0.9 beats both, 0.5 ties with one and beats the other: 3.5 of 4.
    assert auroc([0.9, 0.5], [0.5, 0.1]).value == pytest.approx(0.875)
    assert auroc([0.1], [0.9]).value == 0.0
    with pytest.raises(ValueError, match="both groups"):
        auroc([], [0.1])


def test_mean_has_an_interval_around_it() -> None:
    estimate = mean([0.0, 0.5, 1.0, 1.0])
    assert estimate.value == 0.625
    assert 0.0 <= estimate.low < 0.625 < estimate.high <= 1.0


def test_questions_are_read_packed_or_not(tmp_path: Path) -> None:
    rows = [
        {"query": f"q{n}", "question_type": "kind", "evidence_list": [{"title": "T", "fact": "F"}]}
        for n in range(6)
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    plain, packed = tmp_path / "q.jsonl", tmp_path / "q.jsonl.gz"
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    assert questions(plain) == questions(packed)
    assert [question.text for question in questions(plain, 3)] == ["q0", "q2", "q4"]


def test_articles_of_the_facts_are_hidden() -> None:
    question = Question("q", "k", (Fact("One A", "x y"), Fact("Two", "z")))
    texts = {"1": ("OneA", "text"), "2": ("Other", "axyb"), "3": ("Three", "xzx"), "4": ("F", "x")}
    assert gold_articles(question, texts) == ("1", "2", "3")
    assert squeezed(" a\n b ") == "ab"

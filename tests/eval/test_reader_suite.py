"""The figures of the reader, from chances that are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.suites.reader import (
    FILES,
    best_threshold,
    claim_figures,
    judge,
    measured,
    question_figures,
    table,
    windows,
)
from eval.training.reader.calibrate import expected_error
from eval.training.reader.texts import Text, read_texts
from rag.reader import Judgement, Window

SAMPLE = Path(__file__).parents[1] / "data" / "reader_sample.jsonl"


class Knowing:
    """Knows every label, but takes the claims of one kind for true."""

    def __init__(self, texts: Sequence[Text], fooled: str = "") -> None:
        self.claims = {claim.text: claim for text in texts for claim in text.claims}
        self.questions = {one.text: one for text in texts for one in text.questions}
        self.texts = {sentence: i for text in texts for i, sentence in enumerate(text.sentences, 1)}
        self.fooled = fooled

    def judge(self, pairs: Sequence[tuple[Window, str]]) -> list[Judgement]:
        judged = []
        for window, text in pairs:
            claim = self.claims[text]
            right = [float(self.texts[one] in claim.sentences) for one in window.sentences]
            true = float(claim.label == "supported" or claim.kind == self.fooled)
            denied = float(claim.label == "contradicted" and not true)
            judged.append(Judgement(true, denied, 1 - true - denied, tuple(right)))
        return judged

    def answers(self, pairs: Sequence[tuple[str, Window]]) -> list[tuple[float, ...]]:
        return [
            tuple(float(self.texts[one] in self.questions[text].answers)
                  for one in window.sentences)
            for text, window in pairs
        ]  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return read_texts(SAMPLE)


def test_who_knows_everything_gets_full_marks(texts: list[Text]) -> None:
    figures = measured(Knowing(texts), texts)  # type: ignore[arg-type]
    assert figures["claims"]["auroc"] == figures["questions"]["auroc"] == 1
    assert figures["claims"]["three_way"] == figures["questions"]["right_first"] == 1
    assert figures["claims"]["auroc_ci"] == [1, 1]
    assert "| claims: auroc | 1.000 (1.000–1.000) |" in table({FILES[0]: figures})


def test_the_kind_that_fools_shows(texts: list[Text]) -> None:
    figures = claim_figures(judge(Knowing(texts, "partial"), texts))  # type: ignore[arg-type]
    assert figures["accepted"]["partial: partial"][0] == 1
    assert figures["accepted"]["supported: close"][0] == 1
    assert figures["auroc"] < 1


def test_windows_hold_what_they_are_about(texts: list[Text]) -> None:
    text = texts[0]
    count = len(text.sentences)
    for number in range(1, count + 1):
        window, kept = windows(text, (number,), 4)
        assert number in kept and len(window.sentences) == len(kept) == 4
    window, kept = windows(text, (1, count), 3)
    assert {1, 2, count - 1, count} <= set(kept)


def test_the_best_threshold_parts_what_can_be_parted() -> None:
    truth = np.array([True, True, False, False])
    limit = best_threshold(truth, np.array([0.9, 0.6, 0.5, 0.1]))
    assert limit == 0.6


def test_honest_chances_have_no_error() -> None:
    chances = [0.0] * 10 + [0.5] * 10 + [1.0] * 10
    truth = [False] * 10 + [True, False] * 5 + [True] * 10
    assert expected_error(chances, truth, bins=3) == 0
    assert expected_error([0.9] * 10, [False] * 10, bins=1) == pytest.approx(0.9)


def test_question_figures_count_the_first_place() -> None:
    from eval.suites.reader import Asked

    asked = [Asked(0, True, 0.9, True), Asked(0, True, 0.8, False), Asked(1, False, 0.1, False)]
    figures = question_figures(asked)
    assert figures["right_first"] == 0.5 and figures["auroc"] == 1

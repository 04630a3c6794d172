"""Finding where articles speak about a sentence of a draft."""

from __future__ import annotations

from eval.suites.reader_drafts import AROUND, Places, Sentence, Verdict, draft_figures, draft_table
from rag.reader import Judgement

ARTICLES = [
    ("The mill", ["The mill reopened.", "Anna Berg bought it.", "It makes paper.", "It is old."]),
    ("The port", ["Ships call in May.", "The port froze twice.", "A pilot died.", "Fish sold."]),
]


def test_the_best_place_is_found() -> None:
    best, second = Places(ARTICLES).windows("Twice the harbour froze.")
    assert "The port froze twice." in best.sentences
    assert len(best.sentences) <= 2 * AROUND + 1 and best != second


def test_the_table_counts_by_style() -> None:
    def verdict(true: bool, style: str, chance: float) -> Verdict:
        judged = Judgement(chance, 0.0, 1 - chance, ())
        return Verdict(Sentence("s", true, style, ""), (judged, judged), judged)

    found = [verdict(True, "fluent", 0.8), verdict(True, "fluent", 0.4),
             verdict(False, "fluent", 0.3), verdict(True, "close", 0.9),
             verdict(False, "close", 0.1)]  # fmt: skip
    figures = draft_figures(found)
    assert figures["auroc"] == 1
    assert "| 0.50 | 50% | 100% | 0% |" in draft_table(figures)

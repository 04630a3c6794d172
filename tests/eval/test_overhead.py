"""What Footnote adds to a model's own time."""

from __future__ import annotations

from eval.suites import overhead


def test_the_first_word_is_the_models() -> None:
    wait = 0.1
    report = overhead.measure(1, wait=wait, between=0.0)
    for run in (*report.bare, *report.product):
        # The server writes nothing earlier, so what comes earlier is no word of a draft.
        assert wait <= run.word <= run.sentence <= run.total

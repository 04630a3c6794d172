"""The note on how sentences are verified."""

from __future__ import annotations

from datetime import date

from rag import verifier_metrics
from ui.about_verification import about_verification_html
from ui.html import format_day


def test_the_note_shows_the_stored_figures() -> None:
    figures = verifier_metrics()
    assert figures is not None
    note = about_verification_html(figures)
    assert f"{figures['mean']:.0%}" in note and f"{figures['caught']['all']['value']:.1%}" in note
    assert f"Measured on {format_day(date.fromisoformat(figures['measured']))}" in note


def test_a_second_opinion_is_named_without_its_path() -> None:
    assert "second time" not in about_verification_html(None)
    judged = about_verification_html(None, "judge:ollama")
    assert "second time by a language model (ollama)" in judged
    assert "must quote the article" in judged and "only add doubts" not in judged
    drafting = about_verification_html(None, "judge")
    assert "second time by the language model that drafts" in drafting
    model = about_verification_html(None, "/home/me/small/")
    assert "(small)" in model and "/home" not in model and "only add doubts" in model


def test_figures_that_are_missing_or_damaged_are_no_figures() -> None:
    assert "hasn’t been measured" in about_verification_html(None)
    assert "can’t be read" in about_verification_html({"caught": 3})

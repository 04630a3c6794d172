"""Any text is checked on a page of its own, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from browsing import visiting
from live_server import serving
from small_library import small_library, write_articles

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def test_a_pasted_text_gets_verdicts_and_quotes(browser: object, tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    with (
        small_library(articles, tmp_path / "library") as library,
        serving(library) as address,
        visiting(browser, address) as visit,
    ):
        page = visit.page
        page.get_by_role("link", name="Check").click()
        page.locator("textarea").fill(
            "The harbour of Esk reopened on Monday. <b>Kangaroos</b> paint the moon each night."
        )
        page.get_by_role("button", name="Check").click()
        page.locator(".checked .paragraph").first.wait_for()
        assert "1 of 2 sentences confirmed" in page.locator(".checked .label").inner_text().lower()
        assert "<b>Kangaroos</b>" in page.locator(".checked").inner_text()
        page.locator(".checked a.footnote").first.click()
        page.locator("#source mark").wait_for()
        assert page.locator("#source mark").inner_text() == "The harbour of Esk reopened on Monday."
        # It does not stay beside the next text, nor away from its footnotes.
        page.locator("textarea").fill("The town of Tarn planted nine hundred oaks.")
        page.keyboard.press("Control+Enter")
        page.locator("#source mark").wait_for(state="hidden")
        page.locator(".checked a.footnote").first.click()
        page.locator("#source mark", has_text="nine hundred oaks").wait_for()


def test_an_empty_text_is_an_error_in_words(browser: object, tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles")
    with (
        small_library(articles, tmp_path / "library") as library,
        serving(library) as address,
        browser.new_context() as context,  # type: ignore[attr-defined]
    ):
        page = context.new_page()
        page.goto(f"{address}/check")
        page.locator("textarea").fill("   ")
        page.get_by_role("button", name="Check").click()
        page.locator(".notice").wait_for()
        assert "wasn’t checked" in page.locator(".notice").inner_text()

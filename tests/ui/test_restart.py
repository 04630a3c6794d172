"""The page while its server is gone, and after it was started again, in a real browser."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from browsing import ANSWERED, Visit, arrive
from live_server import serving
from rag import Library, Settings
from small_library import QUESTION, small_library, write_articles
from ui.service import Service

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def serving_on(port: int, library: Library, *, keeps: bool) -> AbstractContextManager[str]:
    """A server on a given port, as it comes up again after a restart."""
    settings = Settings(library=library.path, keep_conversations=keeps)
    return serving(library, service=Service(library, settings=settings), port=port)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("keeps", [True, False], ids=["stored", "not stored"])
def test_a_restart_keeps_the_answers_and_what_is_typed(
    browser: sync_api.Browser, tmp_path: Path, keeps: bool
) -> None:
    port = free_port()
    articles = write_articles(tmp_path / "articles")
    with (
        small_library(articles, tmp_path / "library") as library,
        browser.new_context() as context,
    ):
        page = context.new_page()
        with serving_on(port, library, keeps=keeps):
            visit: Visit = arrive(page, f"http://127.0.0.1:{port}")
            visit.ask(QUESTION)
            said = page.locator(".turn .claim").first.inner_text()
            page.locator("#question-box textarea").fill("What about the boats?")
        page.get_by_text("Footnote isn’t running").wait_for()
        assert page.locator(".turn .claim").first.inner_text() == said
        with serving_on(port, library, keeps=keeps):
            page.get_by_text("Footnote isn’t running").wait_for(state="hidden")
            page.locator(ANSWERED).first.wait_for()
            assert page.locator(".turn .claim").first.inner_text() == said
            box = page.locator("#question-box textarea")
            page.wait_for_function("document.querySelector('#question-box textarea').value")
            assert box.input_value() == "What about the boats?"
            assert page.get_by_text("Footnote was restarted").count() == (not keeps)
            assert not page.locator(".toast-wrap").is_visible()
            visit.ask(QUESTION, turn=2)
            assert page.locator(".turn").count() == 2


def test_without_javascript_the_page_says_so(browser: sync_api.Browser, tmp_path: Path) -> None:
    port = free_port()
    articles = write_articles(tmp_path / "articles")
    with (
        small_library(articles, tmp_path / "library") as library,
        serving_on(port, library, keeps=True),
        browser.new_context(java_script_enabled=False) as context,
    ):
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        assert "needs JavaScript" in page.locator("noscript p").inner_text()
        page.locator("noscript a").first.click()
        page.get_by_role("link", name="Harbour of Esk reopens").wait_for()

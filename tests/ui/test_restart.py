"""The page while its server is gone, and after it was started again, in a real browser."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from browsing import ANSWERED, Visit, arrive
from live_server import serving
from rag import BackendSettings, Library, Settings
from scripted_server import Asked, Wire, answers, chunk, scripted
from small_library import QUESTION, small_library, write_articles
from ui.service import Service

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


AGAIN = "On which day did the harbour of Esk reopen?"


def serving_on(
    port: int, library: Library, *, keeps: bool, model: str = ""
) -> AbstractContextManager[str]:
    """A server on a given port, as it comes up again after a restart.

    Args:
        port: Where it listens.
        library: What it answers from.
        keeps: Whether it stores conversations.
        model: Address of the model that writes its answers; by default none does.
    """
    settings = Settings(library=library.path, keep_conversations=keeps)
    if model:
        mine = BackendSettings(name="mine", base_url=model, model="tiny", location="local")
        settings = replace(settings, backend=("mine",), backends=(mine,))
    return serving(library, service=Service(library, settings=settings), port=port)


def breaks_off(wire: Wire, asked: Asked) -> None:
    """A model that writes two sentences and the beginning of another one, and falls silent."""
    wire.head()
    wire.event(
        chunk(content="The harbour of Esk reopened on Monday [1]. Boats left at dawn [1]. It")
    )
    wire.gone(60)


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


@pytest.mark.parametrize("keeps", [True, False], ids=["stored", "not stored"])
@pytest.mark.parametrize("cut_off", [True, False], ids=["cut off", "ended"])
def test_an_answer_that_a_restart_interrupts_stays_and_can_be_asked_again(
    browser: sync_api.Browser, tmp_path: Path, keeps: bool, cut_off: bool
) -> None:
    port = free_port()
    articles = write_articles(tmp_path / "articles")
    plays = [answers("The harbour of Esk reopened on Monday [1].")]
    with (
        small_library(articles, tmp_path / "library") as library,
        scripted(lambda wire, asked: plays[-1](wire, asked)) as model,
        browser.new_context() as context,
    ):
        page = context.new_page()
        box = page.locator("#question-box textarea")
        with serving_on(port, library, keeps=keeps, model=model.address):
            arrive(page, f"http://127.0.0.1:{port}").ask(QUESTION)
            plays.append(breaks_off)
            box.fill(AGAIN)
            page.keyboard.press("Enter")
            page.locator(".turn[aria-busy]:has(.draft) .claim").first.wait_for()
            box.fill("And the oaks?")
            if cut_off:
                # As in a crash, not even what was on its way arrives.
                page.evaluate("window.stop()")
        plays.pop()
        page.get_by_text("Footnote isn’t running").wait_for()
        page.keyboard.press("Enter")
        assert not page.locator("#ask:enabled").count()
        assert not page.locator(".busy").filter(visible=True).count()
        with serving_on(port, library, keeps=keeps, model=model.address):
            last = page.locator(".turn", has_text=AGAIN)
            last.get_by_role("button", name="Try again").wait_for()
            page.locator(ANSWERED).nth(1).wait_for()
            asked = page.locator(".turn .question")
            assert asked.all_inner_texts() == [QUESTION, AGAIN]
            assert (
                last.locator(".claim").first.inner_text()
                == "The harbour of Esk reopened on Monday."
            )
            said = "This answer was interrupted" if cut_off else "Stopped."
            assert said in last.inner_text() and not last.locator(".draft").count()
            page.wait_for_function("document.querySelector('#question-box textarea').value")
            last.get_by_role("button", name="Try again").click()
            last.locator("a.footnote").wait_for()
            page.wait_for_function("document.querySelector('#question-box textarea').value")
            assert box.input_value() == "And the oaks?"
            assert asked.all_inner_texts() == [QUESTION, AGAIN]


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
        for where in ("articles", "conversations", "check"):
            page.goto(f"http://127.0.0.1:{port}/{where}")
            # A search is the browser's own; all else needs a script, and is not there.
            buttons = page.locator("button, summary, [type=checkbox]").filter(visible=True)
            assert set(buttons.all_inner_texts()) <= {"Search"}
            scrolled = "document.documentElement.scrollWidth > innerWidth"
            assert page.locator("main").is_visible() and not page.evaluate(scrolled)
        assert "needs JavaScript" in page.locator("main").inner_text()

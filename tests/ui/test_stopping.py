"""An answer in the making is stopped, replaced or left, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from browsing import ANSWERED, DESKTOP, Visit, arrive
from live_server import modelled
from scripted_server import Asked, Wire, chunk
from small_library import QUESTION

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
WHOLE = "The harbour of Esk reopened on Monday [1]."


class Model:
    """A model that writes one sentence and falls silent, or answers when it is told to."""

    def __init__(self) -> None:
        self.asked, self.left, self.answers = threading.Event(), threading.Event(), False

    def __call__(self, wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.event(chunk(content=f"{WHOLE} Boats left at dawn [1]. And then it"))
        self.asked.set()
        if self.answers:
            wire.event(chunk(content=" stopped."))
            wire.stop()
        elif wire.gone(20):
            self.left.set()


@contextmanager
def asking(browser: sync_api.Browser, folder: Path, model: Model) -> Iterator[Visit]:
    """A visitor who sees the beginning of an answer that does not go on."""
    with modelled(folder, model) as address, browser.new_context(viewport=DESKTOP) as context:
        visit = arrive(context.new_page(), address)
        visit.page.locator("#question-box textarea").fill(QUESTION)
        visit.page.keyboard.press("Enter")
        visit.page.locator(".turn[aria-busy] .claim").first.wait_for()
        assert visit.page.locator("#stop").is_visible()
        yield visit
        assert not visit.complaints and not visit.outside


@pytest.mark.parametrize("way", ["button", "key"])
def test_stopping_hangs_up_and_keeps_what_was_checked(
    browser: sync_api.Browser, tmp_path: Path, way: str
) -> None:
    model = Model()
    with asking(browser, tmp_path, model) as visit:
        page = visit.page
        if way == "key":
            page.keyboard.press("Escape")
        else:
            page.locator("#stop").click()
        page.locator(".stopped").wait_for()
        assert model.left.wait(5)
        assert "reopened on Monday" in page.locator(".stopped .paragraph").inner_text()
        assert not page.locator("#stop").is_visible()
        # The same question again replaces what was stopped.
        model.answers = True
        page.locator("[data-action=again]").click()
        page.locator(f"{ANSWERED} a.footnote").first.wait_for()
        assert page.locator(".turn").count() == 1


def test_nothing_of_an_old_answer_appears_in_a_new_conversation(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    model = Model()
    with asking(browser, tmp_path, model) as visit:
        visit.page.get_by_label("New conversation").click()
        assert model.left.wait(5)
        visit.page.locator("body:not(.in-conversation)").wait_for()
        visit.page.wait_for_timeout(1500)
        assert not visit.page.locator(".turn").count()


def test_a_new_question_stops_the_one_before(browser: sync_api.Browser, tmp_path: Path) -> None:
    model = Model()
    with asking(browser, tmp_path, model) as visit:
        model.answers = True
        visit.page.locator("#question-box textarea").fill("Which harbour reopened on Monday?")
        visit.page.keyboard.press("Enter")
        assert model.left.wait(5)
        visit.page.locator(f"{ANSWERED} a.footnote").first.wait_for()
        assert visit.page.locator(".question").all_inner_texts() == [
            QUESTION,
            "Which harbour reopened on Monday?",
        ]
        assert visit.page.locator("#past .stopped").count() == 1
        visit.page.wait_for_timeout(1000)
        assert visit.page.locator(".turn").count() == 2


def test_a_silent_model_is_named_and_the_seconds_counted(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    def silent(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.gone(20)

    with modelled(tmp_path, silent) as address, browser.new_context() as context:
        visit = arrive(context.new_page(), address)
        visit.page.locator("#question-box textarea").fill(QUESTION)
        visit.page.keyboard.press("Enter")
        visit.page.get_by_text("Waiting for tiny…").wait_for()
        assert "Found" in visit.page.locator(".turn .busy [role=status]").inner_text()
        visit.page.wait_for_function("document.querySelector('.elapsed').textContent >= '0:03'")
        visit.page.locator("#stop").click()
        visit.page.locator(".stopped").wait_for()


def test_a_question_that_waits_for_another_is_shown_as_queued_and_can_be_taken_back(
    browser: sync_api.Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.chat.MAX_CONCURRENT_ANSWERS", 1)
    model = Model()
    with asking(browser, tmp_path, model) as visit, browser.new_context() as context:
        second = arrive(context.new_page(), visit.address)
        box = second.page.locator("#question-box textarea")
        box.fill("Who planted oaks in Tarn?")
        second.page.keyboard.press("Enter")
        second.page.get_by_text("Queued").wait_for()
        second.page.locator("#stop").click()
        second.page.get_by_text("Queued").wait_for(state="hidden")
        assert box.input_value() == "Who planted oaks in Tarn?"
        model.answers = True
        visit.page.locator("#stop").click()
        second.page.wait_for_timeout(1500)
        assert not second.page.locator(".turn").count()
        assert not second.complaints

"""An answer in the making is stopped, replaced or left, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from browsing import ANSWERED, DESKTOP, Visit, arrive
from live_server import modelled
from scripted_server import Asked, Wire, chunk
from slow_server import SlowServer
from small_library import QUESTION
from tiny_embedder import TinyEmbedder
from ui.running_answers import RunningAnswers

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
OTHER = "Which harbour reopened on Monday?"
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
        elif wire.gone(120):
            self.left.set()


@contextmanager
def asking(browser: sync_api.Browser, folder: Path, model: Model) -> Iterator[Visit]:
    """A visitor who sees the beginning of an answer that does not go on."""
    with modelled(folder, model) as address, browser.new_context(viewport=DESKTOP) as context:
        visit = arrive(context.new_page(), address)
        write(visit, QUESTION)
        visit.page.locator(".turn[aria-busy] .claim").first.wait_for()
        assert visit.page.locator("#stop").is_visible()
        yield visit
        assert not visit.complaints and not visit.outside


@contextmanager
def unheard(
    browser: sync_api.Browser, folder: Path, model: Model
) -> Iterator[tuple[Visit, SlowServer]]:
    """A visitor whose first question is still on its way to the server."""
    with modelled(folder, model) as address, browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        server = SlowServer(page)
        visit = arrive(page, address)
        server.reply = "hold"
        write(visit, QUESTION)
        page.locator("#first-question").wait_for()
        server.wait_for(1)
        yield visit, server
        assert not visit.complaints and not visit.outside


def write(visit: Visit, question: str) -> None:
    """Asks, and waits for nothing."""
    visit.page.locator("#question-box textarea").fill(question)
    visit.page.keyboard.press("Enter")


def stop(visit: Visit, way: str) -> None:
    """By the Stop button, by Esc, or by a new conversation."""
    if way == "stop":
        visit.page.locator("#stop").click()
    elif way == "key":
        visit.page.keyboard.press("Escape")
    else:
        visit.page.get_by_label("New conversation").click()


def questions_after(visit: Visit, question: str) -> list[str]:
    """All that the page shows as asked once one more question is answered."""
    write(visit, question)
    visit.page.locator(ANSWERED, has_text=question).locator("a.footnote").first.wait_for()
    assert not visit.page.locator(".turn[aria-busy]").count()
    return visit.page.locator(".question").all_inner_texts()


@pytest.mark.parametrize("way", ["stop", "key", "clear"])
def test_what_is_stopped_before_the_server_has_heard_of_it_is_never_answered(
    browser: sync_api.Browser, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, done = Model(), threading.Event()
    ends = RunningAnswers.stop

    def noted(running: RunningAnswers, session: str, number: int, *, replaced: bool) -> None:
        ends(running, session, number, replaced=replaced)
        done.set()

    monkeypatch.setattr(RunningAnswers, "stop", noted)
    with unheard(browser, tmp_path, model) as (visit, server):
        stop(visit, way)
        visit.page.locator("body:not(.in-conversation)").wait_for()
        server.wait_for(2)
        # The question arrives last, when stopping it is long done.
        server.held.pop().continue_()
        assert done.wait(10)
        model.answers = True
        server.let_go()
        assert questions_after(visit, OTHER) == [OTHER]


@pytest.mark.parametrize("way", ["stop", "clear"])
def test_what_is_stopped_as_the_server_hears_of_it_is_not_answered(
    browser: sync_api.Browser, tmp_path: Path, way: str
) -> None:
    model = Model()
    with unheard(browser, tmp_path, model) as (visit, server):
        stop(visit, way)
        server.wait_for(2)
        server.let_go()
        model.answers = True
        shown = questions_after(visit, OTHER)
        assert shown == [OTHER] or (way == "stop" and shown == [QUESTION, OTHER])
        assert visit.page.locator(".stopped").count() == len(shown) - 1


@pytest.mark.parametrize("way", ["stop", "key"])
def test_a_search_that_does_not_end_can_be_stopped(
    browser: sync_api.Browser, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching, may_end, model = threading.Event(), threading.Event(), Model()
    embed = TinyEmbedder.embed

    def slowly(self: TinyEmbedder, texts: Sequence[str]) -> object:
        if QUESTION in texts:
            searching.set()
            assert may_end.wait(60)
        return embed(self, texts)

    with modelled(tmp_path, model) as address, browser.new_context(viewport=DESKTOP) as context:
        visit = arrive(context.new_page(), address)
        monkeypatch.setattr(TinyEmbedder, "embed", slowly)
        write(visit, QUESTION)
        visit.page.locator(".turn[aria-busy]").wait_for()
        assert searching.wait(10)
        stop(visit, way)
        visit.page.locator(".stopped").wait_for()
        model.answers = True
        assert questions_after(visit, OTHER) == [QUESTION, OTHER]
        assert not may_end.is_set()
        may_end.set()
        assert not visit.complaints and not visit.outside


@pytest.mark.parametrize("way", ["stop", "key"])
def test_stopping_hangs_up_and_keeps_what_was_checked(
    browser: sync_api.Browser, tmp_path: Path, way: str
) -> None:
    model = Model()
    with asking(browser, tmp_path, model) as visit:
        page = visit.page
        stop(visit, way)
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
        stop(visit, "clear")
        assert model.left.wait(5)
        visit.page.locator("body:not(.in-conversation)").wait_for()
        model.answers = True
        assert questions_after(visit, OTHER) == [OTHER]


def test_a_new_question_stops_the_one_before(browser: sync_api.Browser, tmp_path: Path) -> None:
    model = Model()
    with asking(browser, tmp_path, model) as visit:
        model.answers = True
        assert questions_after(visit, OTHER) == [QUESTION, OTHER]
        assert model.left.wait(5)
        assert visit.page.locator("#past .stopped").count() == 1


def test_a_silent_model_is_named_and_the_seconds_counted(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    def silent(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.gone(20)

    with modelled(tmp_path, silent) as address, browser.new_context() as context:
        visit = arrive(context.new_page(), address)
        write(visit, QUESTION)
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
        write(second, QUESTION)
        second.page.get_by_text("Queued").wait_for()
        second.page.locator("#stop").click()
        second.page.get_by_text("Queued").wait_for(state="hidden")
        assert box.input_value() == QUESTION
        model.answers = True
        stop(visit, "stop")
        assert questions_after(second, OTHER) == [OTHER]
        assert not second.complaints

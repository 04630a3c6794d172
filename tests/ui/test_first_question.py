"""What moves when questions are asked; the first makes the page a conversation. A real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browsing import DESKTOP, PHONE, Visit, arrive
from eval.suites.page_load import NOTE_SHIFTS, TAKE_SHIFTS
from live_server import serving
from slow_server import SlowServer
from small_library import QUESTION, small_library, write_articles

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
# Milliseconds: what moves within the half second after a key press is expected to.
UNEXPECTED = 800
MOST = 0.02
# Where the questions stand on the page, however far it is scrolled.
PLACES = """() => [...document.querySelectorAll('.turn .question')]
    .map(each => Math.round(each.getBoundingClientRect().top + scrollY))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("first")
    articles = write_articles(folder / "articles")
    with small_library(articles, folder / "library") as library, serving(library) as address:
        yield address


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def asking(
    browser: sync_api.Browser, address: str, request: pytest.FixtureRequest
) -> Iterator[tuple[Visit, SlowServer]]:
    """A page at rest, in whose box a question is written."""
    touched = request.param == PHONE
    with browser.new_context(viewport=request.param, has_touch=touched) as context:
        page = context.new_page()
        page.add_init_script(NOTE_SHIFTS)
        server = SlowServer(page)
        visit = arrive(page, address)
        page.locator("details.filter").wait_for()
        page.locator("#question-box textarea").fill(QUESTION)
        page.wait_for_timeout(UNEXPECTED)
        page.evaluate(TAKE_SHIFTS)
        yield visit, server


def test_the_reply_to_the_first_question_moves_nothing(asking: tuple[Visit, SlowServer]) -> None:
    visit, server = asking
    page, server.reply = visit.page, "hold"
    page.keyboard.press("Enter")
    page.locator("#first-question", has_text=QUESTION).get_by_text("Sending").wait_for()
    page.wait_for_timeout(UNEXPECTED)
    assert page.locator("body.in-conversation").count()
    assert not page.locator("#footer").is_visible()
    place = page.locator(".question").bounding_box()
    server.let_go()
    page.locator(".turn:not([aria-busy])").wait_for()
    page.wait_for_timeout(UNEXPECTED)
    assert page.locator(".question").bounding_box() == place
    moved = page.evaluate(TAKE_SHIFTS)
    assert sum(shift[0] for shift in moved) <= MOST, moved
    assert not visit.complaints and not visit.outside


def test_the_reply_to_a_further_question_moves_nothing(asking: tuple[Visit, SlowServer]) -> None:
    visit, server = asking
    page = visit.page
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy])").wait_for()
    for turn in (2, 3):
        page.locator("#question-box textarea").fill("Who planted oaks?")
        page.wait_for_timeout(UNEXPECTED)
        page.evaluate(TAKE_SHIFTS)
        places = page.evaluate(PLACES)
        server.reply = "hold"
        page.keyboard.press("Enter")
        server.wait_for(1)
        page.wait_for_timeout(UNEXPECTED)
        server.let_go()
        page.locator(".turn:not([aria-busy])").nth(turn - 1).wait_for()
        page.wait_for_timeout(UNEXPECTED)
        moved = page.evaluate(TAKE_SHIFTS)
        assert sum(shift[0] for shift in moved) <= MOST, moved
        assert page.evaluate(PLACES)[: turn - 1] == places


@pytest.mark.parametrize("button", ["#stop", "#clear, .conversations-new"])
def test_a_first_question_that_is_taken_back_leaves_the_start(
    asking: tuple[Visit, SlowServer], button: str
) -> None:
    visit, server = asking
    page, server.reply = visit.page, "hold"
    page.keyboard.press("Enter")
    page.locator("#first-question").wait_for()
    # On a wide screen, the list of conversations has the button for a new one.
    page.locator(button).filter(visible=True).click()
    page.locator("body:not(.in-conversation)").wait_for()
    assert page.locator(".hero h1").is_visible()
    assert not page.locator(".question").count()
    kept = QUESTION if button == "#stop" else ""
    assert page.locator("#question-box textarea").input_value() == kept


def test_a_first_question_that_is_refused_stays_and_can_be_asked_again(
    asking: tuple[Visit, SlowServer],
) -> None:
    visit, server = asking
    page, server.reply = visit.page, "refuse"
    page.keyboard.press("Enter")
    page.locator("#first-question").get_by_text("Footnote is busy").wait_for()
    page.wait_for_timeout(UNEXPECTED)
    assert sum(shift[0] for shift in page.evaluate(TAKE_SHIFTS)) <= MOST
    assert page.locator("#question-box textarea").input_value() == QUESTION
    server.reply = "pass"
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy]) a.footnote").first.wait_for()
    assert page.locator(".question").all_inner_texts() == [QUESTION]


def test_what_is_typed_while_a_question_is_on_its_way_stays_in_the_box(
    asking: tuple[Visit, SlowServer],
) -> None:
    visit, server = asking
    page, server.reply = visit.page, "hold"
    box = page.locator("#question-box textarea")
    page.keyboard.press("Enter")
    page.locator("#first-question").wait_for()
    box.fill("Who planted oaks")
    server.let_go()
    page.locator(".turn:not([aria-busy]) a.footnote").first.wait_for()
    page.wait_for_timeout(UNEXPECTED)
    assert box.input_value() == "Who planted oaks"
    box.fill("Who planted oaks in Tarn?")
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy])").nth(1).wait_for()
    assert box.input_value() == ""

"""What comes out of a printer: what is read, and nothing that is only for a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browsing import Visit, visiting
from live_server import serving
from small_library import ESK_TEXT, QUESTION, TARN, small_library
from ui.service import Service

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
# What is of use on a screen alone; what says that a sentence is doubted is a button, too.
CONTROLS = "button:not(.badge), input, select, textarea, nav, .skip-link, .back, .actions, summary"
WHITE = "rgb(255, 255, 255)"
ADDRESS = "https://news.example/esk"


@pytest.fixture(scope="module")
def visit(browser: sync_api.Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A visitor with a dark page and an answer."""
    folder = tmp_path_factory.mktemp("printed")
    (folder / "esk.md").write_text(
        f"---\ntitle: Harbour\nurl: {ADDRESS}\n---\n{ESK_TEXT}", encoding="utf-8"
    )
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    with (
        small_library(folder, folder / "library") as library,
        serving(library, service=Service(library)) as address,
        visiting(browser, address, color_scheme="dark") as visit,
    ):
        visit.ask(QUESTION)
        visit.page.locator("#source mark").wait_for()
        visit.page.wait_for_url("**/?conversation=*")
        yield visit


def printed(visit: Visit, address: str = "") -> str:
    """The text of a page, or of the chat as it is, on paper."""
    page = visit.page
    page.emulate_media(media="screen")
    if address:
        page.goto(visit.address + address)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.emulate_media(media="print")
    controls = page.locator(CONTROLS).filter(visible=True)
    assert not controls.count(), controls.evaluate_all("all => all.map(each => each.outerHTML)")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == WHITE
    return str(page.locator("body").inner_text())


def test_pages_are_printed_without_what_is_clicked(visit: Visit) -> None:
    conversation = visit.page.url.rpartition("=")[2]
    reading = visit.page.locator("a.footnote").first.get_attribute("href")
    assert "reopened on Monday" in printed(visit)
    assert (
        visit.page.locator("#masthead").evaluate("it => getComputedStyle(it).position") != "sticky"
    )
    text = printed(visit, f"/conversations/{conversation}")
    assert QUESTION in text and text.count("reopened on Monday") == 2
    assert "reopened on Monday" in printed(visit, reading)
    mark = visit.page.locator("mark").evaluate("it => getComputedStyle(it).printColorAdjust")
    assert mark == "exact"
    shown = "getComputedStyle(document.querySelector('.byline .outside'), '::after').content"
    assert visit.page.evaluate(shown) == f'" ({ADDRESS})"'
    assert "Tarn plants trees" in printed(visit, "/articles")
    assert QUESTION in printed(visit, "/conversations")
    assert "Check a text" in printed(visit, "/check")

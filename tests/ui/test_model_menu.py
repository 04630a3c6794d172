"""The menu of models: what it offers, and what it says about where text may go."""

from __future__ import annotations

from pathlib import Path

import pytest

from browsing import ANSWERED, visiting
from live_server import modelled, serving
from pages import Outline
from rag import BackendHealth, BackendSettings, Settings
from scripted_server import Asked, Wire, chunk, scripted
from small_library import QUESTION, small_library, write_articles
from ui.model_menu import model_menu_html, policy_sentence
from ui.service import Service

QUOTES = BackendHealth("extractive", None, "local", True, True, True, "runs here")
MINE = BackendHealth("mine", "some-model", "US", True, True, True, "")
DOWN = BackendHealth("far", None, "US", True, True, False, "it does not answer <b>", state="down")
FORBIDDEN = BackendHealth(
    "abroad", None, "CN", False, False, None, "the policy forbids it", state="key missing"
)


def test_only_what_is_ready_can_be_chosen() -> None:
    menu = Outline(model_menu_html(("mine",), [QUOTES, MINE, DOWN, FORBIDDEN]))
    offered = [a["data-backend"] for _, a in menu.elements if "data-backend" in a]
    assert offered == ["extractive", "mine"]
    text = " ".join(menu.texts)
    assert "2 other models" in text and "it does not answer <b>" in text
    assert "in US, not answering" in text and "in CN, key missing, no text may go there" in text
    assert "some-model, in US, ready" in text and "nothing was sent anywhere" in text


def test_what_was_sent_is_said() -> None:
    text = model_menu_html(("mine",), [MINE], sent_to={"api.example.org"})
    assert "text was sent to api.example.org" in text


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((), "any service"),
        ((("anywhere",),), "any service"),
        ((("local",),), "stays on this computer"),
        ((("anywhere",), ("local",)), "stays on this computer"),
        ((("local", "US", "api.example.org"),), "sent to US, api.example.org."),
        ((("US",), ("US",)), "sent to US."),
        ((("US",), ("api.example.org",)), "sent to US; and only to api.example.org."),
    ],
)
def test_the_policy_is_one_sentence(rules: tuple[tuple[str, ...], ...], said: str) -> None:
    assert said in policy_sentence(rules)


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_is_switched_on_the_page(browser: object, tmp_path: Path) -> None:
    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.event(chunk(content="The harbour of Esk reopened on Monday [1]."))
        wire.stop()

    with (
        modelled(tmp_path, play) as address,
        visiting(browser, address) as visit,
    ):
        page = visit.page
        menu = page.locator(".model > summary")
        assert menu.inner_text().split() == ["Answers", "by:", "m"]
        menu.click()
        page.get_by_text("stays on this computer").wait_for()
        page.locator("[data-backend=extractive]").click()
        page.get_by_text("Quotes only, no AI").wait_for()
        visit.ask(QUESTION)
        assert "no AI model used" in page.locator(".provenance").inner_text()
        menu.click()
        page.locator("[data-backend=m]").click()
        page.locator(".model > summary", has_text="m").wait_for()
        visit.ask(QUESTION, turn=2)
        assert "Written by tiny" in page.locator(".provenance").nth(1).inner_text()
        page.locator("[data-action=plain]").click()
        page.locator(ANSWERED).nth(2).wait_for()
        assert "no AI model used" in page.locator(".provenance").nth(2).inner_text()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_is_tried_in_the_menu(browser: object, tmp_path: Path) -> None:
    asked_for: list[str] = []

    def play(wire: Wire, asked: Asked) -> None:
        asked_for.append(asked.prompt)
        if len(asked_for) == 1:
            wire.head()
            wire.event(chunk(content="ready"))
            wire.stop()
        else:
            wire.status(400, {"error": {"message": "out of memory <b>"}})

    with (
        modelled(tmp_path, play) as address,
        visiting(browser, address) as visit,
    ):
        page = visit.page
        page.locator(".model > summary").click()
        test = page.get_by_role("button", name="Test m")
        said = page.locator(".model-list [role=status]").first
        test.click()
        said.get_by_text("It answers: first words after").wait_for()
        test.click()
        said.get_by_text("out of memory <b>").wait_for()
        assert "Esk" not in "".join(asked_for)
        assert page.locator("[data-test]").count() == page.locator("[data-backend]").count() - 1
        # The browser itself tells of the second reply's status.
        assert [line for line in visit.complaints if "502" not in line and "400" not in line] == []
        visit.complaints.clear()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_ready_is_looked_up_each_time_the_menu_is_opened(
    browser: object, tmp_path: Path
) -> None:
    with (
        small_library(write_articles(tmp_path / "articles"), tmp_path / "library") as library,
        scripted() as server,
    ):
        own = BackendSettings(name="m", base_url=server.address, model="tiny", location="local")
        settings = Settings(library=library.path, backends=(own,))
        server.down = True
        with (
            serving(library, service=Service(library, settings=settings)) as address,
            visiting(browser, address) as visit,
        ):
            page = visit.page
            menu = page.locator(".model > summary")
            menu.click()
            page.locator("[data-backend=extractive]").wait_for()
            assert not page.locator("[data-backend=m]").count()
            menu.click()
            server.down = False
            menu.click()
            page.locator("[data-backend=m]").wait_for()

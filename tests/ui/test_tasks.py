"""Twenty tasks of a journalist, done on the page alone, in the fewest clicks.

What each costs stands in docs/interfaces.md. A task that gets dearer fails, and so does one that
gets cheaper until its price is written down.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

import firefox
from browsing import DESKTOP, QUIET, arrive, visiting, words
from journalist import (
    BOX,
    HARBOUR,
    MINUTES,
    QUESTION,
    ROOT,
    TASKS,
    Entry,
    Journalist,
    add_minutes,
    answered,
    carry_out,
    choose_model,
    drop,
    minutes,
    newsroom,
    task,
)
from web_site import RSS, feed, page, web_site

FERRY = "The ferry of Lund carries forty people and two carts over the river on every working day."
LOCK = "The lock of Lund was closed on Friday, because its lower gate has lost a hinge to the ice."
ALTMAN = "What happened to Sam Altman?"

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@task("Ask one of the example questions", clicks=1)
def example(person: Journalist) -> None:
    person.click(person.page.locator("#examples .example:visible").first)
    assert person.answer(1).locator("a.footnote").count()


@task("Ask a question of one’s own", keys=1)
def own_question(person: Journalist) -> None:
    assert person.ask(QUESTION).locator("a.footnote").count()


@task("Go on with a follow-up question", keys=1, after=lambda person: person.ask(ALTMAN))
def follow_up(person: Journalist) -> None:
    read = person.ask("who wanted to hire him?").locator(".reading-of")
    assert read.inner_text() == "who wanted to hire Sam Altman?"


@task("Read a footnote’s words beside the answer", clicks=1, after=answered)
def footnote(person: Journalist) -> None:
    note = person.page.locator("a.footnote").last
    person.click(note)
    quote = words(note.get_attribute("data-quote") or "")
    person.page.wait_for_function(
        "quote => document.querySelector('#source mark')?.textContent.startsWith(quote)",
        arg=quote[:30],
    )


@task("Read them in the whole article, and return", clicks=3, after=answered)
def article(person: Journalist) -> None:
    person.click(person.page.locator("a.footnote").last)
    person.click("#source .full-article")
    person.page.locator("mark#cited").wait_for()
    person.click(person.page.locator("a.back:visible").first)
    assert person.answer(1).locator(".question").inner_text() == QUESTION


@task("Ask one publisher only", clicks=4, keys=1)
def publisher(person: Journalist) -> None:
    person.click("details.filter > summary")
    person.choose("[data-field=publishers]", "Esk Times (1)")
    person.page.locator("#active-filters .chip").wait_for()
    person.click(BOX)
    turn = person.ask(HARBOUR)
    assert "Esk Times" in turn.locator(".chip.chosen").inner_text()


@task("Ask only what was published since a day", clicks=3, keys=1)
def since(person: Journalist) -> None:
    person.click("details.filter > summary")
    person.click("[data-field=after]")
    person.page.locator("[data-field=after]").fill("2024-02-01")
    person.page.locator("#active-filters .chip").wait_for()
    person.click(BOX)
    assert person.ask(QUESTION).locator(".chip.chosen").count() == 1


@task(
    "Stop an answer that is being written",
    keys=1,
    after=lambda person: choose_model(person, "slow"),
)
def stop(person: Journalist) -> None:
    person.write(QUESTION)
    person.press("Enter")
    person.page.locator(".turn[aria-busy] .claim").first.wait_for()
    person.clicks = person.keys = 0
    person.press("Escape")
    person.page.locator(".stopped .claim").first.wait_for()


@task("See whether a model answers", clicks=2)
def try_model(person: Journalist) -> None:
    person.click("details.model > summary")
    person.click("[data-test=quick]")
    person.page.get_by_text("It answers: first words after").wait_for()


@task("Choose the model that writes, and ask it", clicks=2, keys=1)
def switch(person: Journalist) -> None:
    choose_model(person, "quick")
    assert "tiny" in person.ask(QUESTION).locator(".provenance").inner_text()


def misread(person: Journalist) -> None:
    person.ask(ALTMAN)
    person.ask("who wanted to hire him?").locator(".reading-of").wait_for()


@task("Correct how a follow-up was understood", clicks=1, keys=2, after=misread)
def reword(person: Journalist) -> None:
    person.click(person.button("Change"))
    person.press("End")
    turn = person.ask(" at Microsoft")
    assert turn.locator(".question").inner_text() == "who wanted to hire Sam Altman? at Microsoft"


@task("Change a question and ask it again", clicks=1, keys=1, after=answered)
def edit(person: Journalist) -> None:
    person.click(person.button("Edit question"))
    assert person.ask(" And when?").locator(".question").inner_text() == f"{QUESTION} And when?"


def answered_by_model(person: Journalist) -> None:
    choose_model(person, "quick")
    person.ask(QUESTION)


@task("Have it answered again without a model", clicks=1, after=answered_by_model)
def without_model(person: Journalist) -> None:
    person.click(person.button("Answer without a model"))
    assert not person.answer(2).locator("[data-action=plain]").count()


def answered_by_web_page(person: Journalist) -> None:
    person.visit.ask(HARBOUR)


@task("Copy an answer with its footnotes", clicks=1, after=answered_by_web_page)
def copy(person: Journalist) -> None:
    person.click(person.button("Copy"))
    person.button("Copied").wait_for()
    note = person.page.locator("a.footnote").first
    copied = person.page.evaluate("navigator.clipboard.readText()")
    assert copied.count(f"[{note.inner_text()}]") == 2
    address = "https://news.example/2024-03-09"
    assert f"“{note.get_attribute('data-quote')}” {address}" in copied
    rich = """navigator.clipboard.read().then(([item]) => item.getType("text/html"))
        .then(blob => blob.text())"""
    assert f'<a href="{address}">{address}</a>' in person.page.evaluate(rich)


@task("Say what is wrong with an answer", clicks=2, after=answered)
def judge(person: Journalist) -> None:
    person.click("[data-judge=bad][aria-pressed]")
    person.click(person.button("Something is missing"))
    person.page.get_by_text("Thank you.").wait_for()


@task("Add a PDF file", clicks=2)
def add(person: Journalist) -> None:
    person.click("nav >> text='Articles'")
    add_minutes(person)


@task("Add a page by its web address", clicks=1, keys=2)
def add_address(person: Journalist) -> None:
    with web_site() as site:
        person.click("nav >> text='Articles'")
        person.page.locator(".add form").wait_for()
        person.paste(site.put("/lock", page("The lock of Lund", LOCK)))
        person.press("Enter")
        person.page.locator(".listing a", has_text="The lock of Lund").wait_for()


@task("Follow a feed, and add its articles", clicks=2, keys=2)
def follow_feed(person: Journalist) -> None:
    with web_site() as site:
        person.click("nav >> text='Articles'")
        person.click("[name=follow]")
        ferry = site.put("/ferry", page("The ferry of Lund", FERRY))
        person.paste(site.put("/news", feed(ferry), RSS))
        person.press("Enter")
        person.page.locator(".listing a", has_text="The ferry of Lund").wait_for()
        person.page.get_by_role("button", name="Look again at").wait_for()


def with_minutes(person: Journalist) -> None:
    person.page.goto(f"{person.visit.address}/articles")
    add_minutes(person)


@task("Ask about a PDF file and open the page", clicks=3, keys=1, after=with_minutes)
def ask_minutes(person: Journalist) -> None:
    person.click("text=Ask only this")
    person.page.locator("#active-filters .chip").wait_for()
    turn = person.ask("How much will the second ferry cost?")
    note = turn.locator("a.footnote").first
    assert "p. 2" in str(note.get_attribute("data-source"))
    person.click(note)
    person.click("#source .full-article")
    assert "four million" in person.page.locator("mark#cited").inner_text()


@task("Choose some articles and ask only these", clicks=4, keys=1)
def some(person: Journalist) -> None:
    person.click("nav >> text='Articles'")
    for box in person.page.locator(".listing input").all()[:2]:
        person.click(box)
    person.click(person.button("Ask only these"))
    person.page.locator("#active-filters .chip").nth(1).wait_for()
    assert person.ask(QUESTION).locator(".chip.chosen").count() == 2


@task("Give the choice a name, and ask it later", clicks=6, keys=1)
def collection(person: Journalist) -> None:
    person.click("nav >> text='Articles'")
    for box in person.page.locator(".listing input").all()[:2]:
        person.click(box)
    person.click(person.button("Save choice…"))
    person.write("Open source")
    person.press("Enter")
    person.page.locator(".collections").wait_for()
    person.page.goto(person.visit.address)
    person.click("nav >> text='Articles'")
    person.click(".collections a")
    person.page.locator("#active-filters .chip").nth(1).wait_for()


@task("Save an answer as a Word document", clicks=2, after=answered)
def docx(person: Journalist) -> None:
    document = zipfile.ZipFile(BytesIO(person.save("Word"))).read("word/document.xml")
    assert b"DeepSeek" in document


@task("Save its sources for BibTeX", clicks=2, after=answered)
def bibtex(person: Journalist) -> None:
    assert person.save("BibTeX").startswith(b"@")


@task("Check a text that somebody else wrote", clicks=1, keys=1)
def check(person: Journalist) -> None:
    person.click("nav >> text='Check'")
    person.page.locator(".check textarea:focus").wait_for()
    person.write("OpenAI accuses DeepSeek of distillation. DeepSeek released R1 in 2019.")
    person.press("Control+Enter")
    person.page.locator(".checked .badge").first.wait_for()


@task("Find an earlier conversation", clicks=2)
def find(person: Journalist) -> None:
    person.ask("What is Project Stargate?")
    person.page.goto(person.visit.address)
    person.page.locator("#conversations li").first.wait_for()
    person.clicks = person.keys = 0
    person.click("#conversations input")
    person.write("stargate")
    # The other browser may have kept the same question.
    person.click(person.page.locator("#conversations li a:has-text('Stargate')").first)
    assert "Stargate" in person.answer(1).inner_text()


@task("Remove an article, and undo it", clicks=4, after=with_minutes)
def undo(person: Journalist) -> None:
    person.page.goto(person.visit.address)
    person.click("nav >> text='Articles'")
    row = person.page.locator(".listing li", has_text="Minutes")
    person.click(row.locator("input"))
    person.click(person.button("Remove"))
    row.wait_for(state="hidden")
    person.click(person.button("Undo"))
    row.wait_for()


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sync_api.Browser]:
    """Both; Firefox where it is installed."""
    with sync_api.sync_playwright() as playwright:
        if request.param == "chromium":
            chromium = request.getfixturevalue("chromium")
            yield playwright.chromium.launch(executable_path=chromium, args=QUIET)
        elif program := shutil.which("firefox-esr") or shutil.which("firefox"):
            yield firefox.launch(playwright, program, tmp_path_factory.mktemp("firefox"))
        else:
            pytest.skip("no Firefox: apt-get install firefox-esr, or another that speaks BiDi")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with newsroom(tmp_path_factory.mktemp("newsroom")) as address:
        yield address


@pytest.fixture(scope="module")
def window(browser: sync_api.Browser) -> Iterator[sync_api.BrowserContext]:
    """One for all tasks, because a browser that knows the page opens it sooner."""
    with browser.new_context(viewport=DESKTOP) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context


@pytest.mark.parametrize("entry", TASKS, ids=lambda entry: entry.does.__name__)
def test_a_task_costs_what_it_is_said_to(
    window: sync_api.BrowserContext, address: str, entry: Entry
) -> None:
    visit = arrive(window.new_page(), address)
    carry_out(entry, visit)
    assert not visit.complaints and not visit.outside
    visit.page.close()


def test_a_file_that_is_dropped_into_the_chat_can_be_asked_at_once(
    browser: sync_api.Browser, address: str, tmp_path: Path
) -> None:
    if browser.browser_type.name != "chromium":
        pytest.skip("only Chromium can be made to drop a file")
    (tmp_path / MINUTES).write_bytes(minutes())
    with visiting(browser, address) as visit:
        person = Journalist(visit)
        drop(person, tmp_path / MINUTES)
        person.page.locator(".receipt a", has_text="Ask only this").wait_for()
        person.click(BOX)
        turn = person.ask("How much will the second ferry cost?")
        assert "p. 2" in str(turn.locator("a.footnote").first.get_attribute("data-source"))
        assert not person.page.locator(".receipt").count()


def test_a_copied_answer_keeps_its_doubts(window: sync_api.BrowserContext, address: str) -> None:
    visit = arrive(window.new_page(), address)
    person = Journalist(visit)
    answered_by_model(person)
    copied = "navigator.clipboard.readText()"
    person.click(person.button("Copy"))
    person.button("Copied").wait_for()
    assert "Reykjavik. (Not in the articles)" in person.page.evaluate(copied)
    person.click(".save > summary")
    person.click(person.button("Copy as Markdown"))
    person.button("Copied").wait_for()
    markdown = person.page.evaluate(copied)
    assert "[^1-1]: " in markdown and "Reykjavik. *(" in markdown
    visit.page.close()


def test_the_documentation_says_what_the_tasks_cost() -> None:
    stated = (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8")
    missing = [entry.row for entry in TASKS if entry.row not in stated]
    assert not missing, "\n".join(missing)

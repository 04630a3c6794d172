"""Kept conversations and filters in a real browser."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import ANSWERED, DESKTOP, PHONE, Visit, arrive, visiting
from live_server import serving
from rag import Library, ingest, open_library
from rag.settings import Settings
from ui.service import Service

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    # Gradio keeps its queue's statistics in ways that pandas has deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SEEDS = Path(__file__).resolve().parent.parent.parent / "seeds"
ACCUSED = "What does OpenAI accuse DeepSeek of?"
STARGATE = "What is Project Stargate?"
NAMED = "How large is Stargate according to reports since January 2025?"
SCREENSHOTS = os.environ.get("FOOTNOTE_SCREENSHOTS")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("kept") / "library", create=True) as library:
        ingest([SEEDS], library=library)
        yield library


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with serving(library) as address:
        yield address


@pytest.fixture
def visit(
    browser: sync_api.Browser, address: str, library: Library, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """A visitor of a library that has kept nothing yet."""
    for item in library.conversations.search():
        library.conversations.delete(item.id)
    with visiting(browser, address, **getattr(request, "param", {})) as visit:
        yield visit


def turns_of(page: sync_api.Page) -> list[str]:
    """The HTML of all turns, without what marks the footnote that is open."""
    marks = r' class="footnote( active)?"| aria-current="true"| class="sentence[^"]*"'
    turns = page.locator(".turn").evaluate_all("turns => turns.map(turn => turn.outerHTML)")
    return [re.sub(marks, "", turn) for turn in turns]


def kept_id(page: sync_api.Page) -> str:
    page.wait_for_url(re.compile(r"\?conversation=[0-9a-f]{16}$"))
    return page.url.rpartition("=")[2]


def in_menu(page: sync_api.Page, what: str) -> None:
    page.locator("#conversations .conversation-menu summary").first.click()
    page.locator("#conversations .conversation-menu[open]").get_by_text(what, exact=True).click()


def test_a_reopened_conversation_is_the_same_to_the_letter(visit: Visit) -> None:
    page = visit.page
    visit.ask(ACCUSED)
    visit.ask(STARGATE, turn=2)
    kept_id(page)
    before = turns_of(page)
    assert len(before) == 2 and all("footnote" in turn or "<sup" in turn for turn in before)
    for _ in range(2):
        page.reload()
        page.locator(ANSWERED).nth(1).wait_for()
        assert turns_of(page) == before
    page.locator("#turn-1 a.footnote").first.click()
    page.locator("#source mark").first.wait_for()
    numbers = page.locator(".turn").evaluate_all("turns => turns.map(turn => turn.id)")
    assert numbers == ["turn-1", "turn-2"]
    page.goto(f"{page.url}#turn-1")
    page.locator(ANSWERED).nth(1).wait_for()
    below_the_bar = (
        "document.querySelector('#turn-1').getBoundingClientRect().top"
        " - document.querySelector('.running-head').getBoundingClientRect().bottom"
    )
    page.wait_for_function(f"{below_the_bar} < 40")


def test_a_follow_up_after_reopening_leans_on_what_was_kept(visit: Visit) -> None:
    visit.ask("What happened to Sam Altman?")
    kept = kept_id(visit.page)
    before = turns_of(visit.page)
    visit.page.reload()
    visit.page.locator(ANSWERED).first.wait_for()
    visit.ask("who wanted to hire him?", turn=2)
    read = visit.page.locator(".reading-of").inner_text()
    assert read == "who wanted to hire Sam Altman?"
    assert turns_of(visit.page)[:1] == before and kept_id(visit.page) == kept
    assert visit.page.locator("#conversations .conversations-list li").count() == 1


def test_the_list_opens_renames_searches_and_deletes(visit: Visit, library: Library) -> None:
    page = visit.page
    page.get_by_text("What you ask will appear here").wait_for()
    visit.ask(ACCUSED)
    first = kept_id(page)
    page.get_by_label("New conversation").click()
    page.locator("#examples .example:visible").first.wait_for()
    assert page.url.rstrip("/") == visit.address
    visit.ask(STARGATE)
    second = kept_id(page)
    links = page.locator("#conversations .conversations-list a[href^='/?']")
    page.wait_for_function(
        "document.querySelectorAll('#conversations .conversations-list li').length === 2"
    )
    assert links.all_inner_texts() == [STARGATE, ACCUSED]
    assert page.locator("#conversations [aria-current]").inner_text() == STARGATE

    in_menu(page, "Rename")
    page.locator("#conversation-dialog input").fill("x" * 10 + "<b>bold</b>")
    page.keyboard.press("Enter")
    page.locator("#conversations a", has_text="<b>bold</b>").first.wait_for()
    assert library.conversations.get(second).title == "xxxxxxxxxx<b>bold</b>"

    page.get_by_label("Search conversations").fill("accuse")
    page.wait_for_function(
        "document.querySelectorAll('#conversations .conversations-list li').length === 1"
    )
    assert links.all_inner_texts() == [ACCUSED]
    page.get_by_label("Search conversations").fill("kangaroo")
    page.get_by_text("No conversations match.").wait_for()
    page.get_by_label("Search conversations").fill("")
    page.wait_for_function(
        "document.querySelectorAll('#conversations .conversations-list li').length === 2"
    )

    links.nth(1).click()
    page.locator(ANSWERED).first.wait_for()
    assert kept_id(page) == first and page.locator(".question").inner_text() == ACCUSED
    page.locator("#conversations li", has_text=ACCUSED).locator("summary").click()
    page.locator(".conversation-menu[open]").get_by_text("Delete", exact=True).click()
    page.locator("#conversation-dialog button", has_text="Cancel").click()
    assert len(library.conversations.search()) == 2
    page.locator("#conversations li", has_text=ACCUSED).locator("summary").click()
    page.locator(".conversation-menu[open]").get_by_text("Delete", exact=True).click()
    page.locator("#conversation-dialog .danger").click()
    page.locator("#examples .example:visible").first.wait_for()
    assert page.locator(".turn").count() == 0 and page.url.rstrip("/") == visit.address
    assert [item.id for item in library.conversations.search()] == [second]


def test_it_is_saved_in_every_format_that_an_answer_is(visit: Visit) -> None:
    visit.ask(ACCUSED)
    kept_id(visit.page)
    visit.page.locator("#conversations .conversation-menu").first.wait_for()
    with visit.page.expect_download() as saved:
        in_menu(visit.page, "Save as Markdown")
    assert saved.value.suggested_filename == "what-does-openai-accuse-deepseek-of.md"
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    quotes = visit.page.locator("#turn-1 a.footnote").first.get_attribute("title") or ""
    assert "[^1-1]: " in text and quotes.split("”")[0].lstrip("“")[:60] in text
    with visit.page.expect_download() as saved:
        in_menu(visit.page, "Save as JSON")
    told = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert any(sentence["citations"] for sentence in told["turns"][0]["answer"]["sentences"])
    with visit.page.expect_download() as saved:
        in_menu(visit.page, "Save as Word")
    assert saved.value.suggested_filename.endswith(".docx")
    offered = "#conversations .conversation-menu-list a[download]"
    of_turn = "#turn-1 .save a"
    formats = [
        visit.page.locator(links).evaluate_all("all => all.map(a => new URL(a.href).search)")
        for links in (offered, of_turn)
    ]
    assert len(formats[0]) == 7 and formats[0] == [one.split("&")[0] for one in formats[1]]


def test_a_conversation_deleted_elsewhere_is_said_and_another_begins(
    visit: Visit, library: Library
) -> None:
    visit.ask(ACCUSED)
    kept = kept_id(visit.page)
    library.conversations.delete(kept)
    visit.ask(STARGATE, turn=2)
    visit.page.wait_for_function("kept => !location.search.includes(kept)", arg=kept)
    (fresh,) = library.conversations.search()
    assert fresh.turns == 1 and fresh.title == STARGATE
    visit.page.goto(f"{visit.address}/?conversation={kept}")
    visit.page.get_by_text("This conversation doesn’t exist any more").wait_for()
    visit.ask(STARGATE)
    assert kept_id(visit.page) != kept


def test_a_footnote_of_an_article_that_left_shows_the_words_that_were_kept(
    visit: Visit, library: Library, tmp_path: Path
) -> None:
    page = visit.page
    path = tmp_path / "ferry.md"
    path.write_text("---\ntitle: The ferry\n---\nThe ferry to Hven costs four euros.\n\nIt is old.")
    ingest([path], library=library)
    visit.ask("How much does the ferry to Hven cost?")
    before, kept = turns_of(page), kept_id(page)
    href = page.locator("a.footnote").first.get_attribute("href") or ""
    library.remove([href.split("/")[2].split("?")[0]])
    page.reload()
    page.locator(".stale-sources").wait_for()
    note = page.locator(".stale-sources").inner_text()
    assert "Footnote 1: “The ferry” was removed from the library." in note
    (after,) = turns_of(page)
    departed = page.locator(".stale-sources").evaluate("one => one.outerHTML")
    assert [after.replace(departed, "")] == before
    page.locator("a.footnote").first.click()
    page.locator("#source mark").wait_for()
    assert page.locator("#source mark").inner_text() == "The ferry to Hven costs four euros."
    assert "was removed from the library" in page.locator("#source .page-note").inner_text()
    reply = page.request.get(f"{visit.address}{href}")
    assert reply.status == 404 and "costs four euros." in reply.text()
    library.conversations.delete(kept)
    assert "four euros" not in page.request.get(f"{visit.address}{href}").text()


def test_a_chip_is_taken_away_and_the_question_asked_again(visit: Visit) -> None:
    page = visit.page
    visit.ask(NAMED)
    chips = page.locator("#turn-1 button.chip")
    assert [text.split("\n")[1] for text in chips.all_inner_texts()] == ["since 1 January 2025"]
    chips.first.click()
    page.locator(ANSWERED).nth(1).wait_for()
    assert page.locator("#turn-2 .question").inner_text() == NAMED
    assert page.locator("#turn-2 button.chip").count() == 0
    assert "since 1 January 2025" in page.locator("#turn-2 .chip.ignored").inner_text()
    kept_id(page)
    before = turns_of(page)
    page.reload()
    page.locator(ANSWERED).nth(1).wait_for()
    assert turns_of(page) == before


def test_filters_set_by_hand_hold_until_they_are_taken_away(visit: Visit) -> None:
    page = visit.page
    page.locator(".filter summary").click()
    page.locator("#filter select[data-field=articles]").select_option(index=1)
    page.locator("#active-filters button.chip").wait_for()
    title = page.locator("#active-filters button.chip [dir]").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator(".filter-form").is_visible()
    visit.ask(STARGATE)
    found = page.locator("#turn-1 .evidence-title").all_text_contents()
    assert len(set(found)) <= 1 and page.locator("#turn-1 .chip.chosen").count() == 1
    assert page.locator("#active-filters button.chip").count() == 1
    page.locator("#turn-1 .chip.chosen").click()
    page.locator(ANSWERED).nth(1).wait_for()
    assert title not in page.locator("#turn-2").inner_text().split("\n")[0]
    assert page.locator("#turn-2 .chip, #active-filters .chip").count() == 0
    assert len(set(page.locator("#turn-2 .evidence-title").all_text_contents())) > 1


def test_a_filter_set_while_an_answer_is_made_is_not_lost(visit: Visit) -> None:
    page = visit.page
    page.locator(".filter summary").click()
    for index in (1, 2):
        page.locator("#filter select[data-field=articles]").select_option(index=index)
        page.locator("#active-filters .chip").nth(index - 1).wait_for()
    page.locator("#question-box textarea").fill(STARGATE)
    page.keyboard.press("Enter")
    page.locator(".turn").wait_for()
    page.locator("#filter select[data-field=articles]").select_option(index=3)
    page.locator(ANSWERED).wait_for()
    page.locator("#active-filters .chip").nth(2).wait_for()
    visit.ask(STARGATE, turn=2)
    assert page.locator("#turn-1 .chip.chosen").count() == 2
    assert page.locator("#turn-2 .chip.chosen").count() == 3


def test_an_article_can_be_asked_about_by_itself(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/articles")
    page.locator(".listing a").nth(1).click()
    page.get_by_text("Ask about this article").click()
    page.locator("#active-filters button.chip").wait_for()
    page.locator("#active-filters button.chip").click()
    page.wait_for_function("!document.querySelector('#active-filters .chip')")


def test_keys_reach_the_list_and_leave_it(browser: sync_api.Browser, visit: Visit) -> None:
    page = visit.page
    visit.ask(ACCUSED)
    kept_id(page)
    page.locator("#conversations .conversation-menu").first.wait_for()
    page.set_viewport_size(PHONE)
    page.locator("#conversations").wait_for(state="hidden")
    opener = page.locator(".to-conversations")
    opener.focus()
    page.keyboard.press("Enter")
    page.locator("body.conversations-open").wait_for()
    assert opener.get_attribute("aria-expanded") == "true" and visit.fits()
    assert page.evaluate("document.activeElement.closest('#conversations') !== null")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#conversations') !== null")
    page.keyboard.press("Escape")
    page.locator("body:not(.conversations-open)").wait_for()
    assert page.evaluate("document.activeElement.className") == "to-conversations"


@pytest.mark.parametrize("visit", [{"viewport": PHONE, "has_touch": True}], indirect=True)
def test_a_phone_has_room_for_all_of_it(visit: Visit) -> None:
    page = visit.page
    page.locator(".filter summary").click()
    page.locator("#filter select").first.wait_for()
    box = page.locator(".filter-form").bounding_box()
    assert box and box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 390
    assert visit.fits()
    page.locator("#filter select[data-field=articles]").select_option(index=2)
    page.locator("#active-filters button.chip").wait_for()
    assert visit.fits()
    visit.ask(STARGATE)
    assert visit.fits()
    for path in ("/conversations", f"/conversations/{kept_id(page)}"):
        page.goto(visit.address + path)
        assert visit.fits(), path


def test_pages_of_their_own_work_too(visit: Visit, library: Library) -> None:
    page = visit.page
    page.goto(f"{visit.address}/conversations")
    page.get_by_text("No conversations yet").wait_for()
    page.goto(visit.address)
    page.locator(".footer").wait_for()
    visit.ask(ACCUSED)
    kept = kept_id(page)
    page.goto(f"{visit.address}/conversations?search=kangaroo")
    page.get_by_text("No conversations match").wait_for()
    page.goto(f"{visit.address}/conversations?search=accuse")
    page.locator(".conversation-list .conversation-menu summary").click()
    page.locator(".conversation-menu[open]").get_by_text("Rename").click()
    page.locator("#conversation-dialog input").fill("Accusations")
    page.locator("#conversation-dialog .go").click()
    page.locator(".conversation-list a", has_text="Accusations").wait_for()
    page.locator(".conversation-list a", has_text="Accusations").click()
    page.locator(ANSWERED).first.wait_for()
    page.goto(f"{visit.address}/conversations/{kept}")
    assert page.locator("h1").inner_text() == "Accusations"
    assert page.locator(".quotes li").count() >= 1 and page.locator("button.chip").count() == 0
    page.locator("a.footnote").first.click()
    page.locator("mark#cited").wait_for()
    page.goto(f"{visit.address}/conversations/{kept}")
    page.locator(".conversation-menu summary").click()
    page.locator(".conversation-menu[open]").get_by_text("Delete").click()
    page.locator("#conversation-dialog .danger").click()
    page.get_by_text("No conversations yet").wait_for()
    assert not library.conversations.search()
    assert page.request.get(f"{visit.address}/conversations/{kept}").status == 404


def test_nothing_is_kept_where_that_is_set(
    browser: sync_api.Browser, visit: Visit, library: Library
) -> None:
    settings = Settings(library=library.path, keep_conversations=False)
    with (
        serving(library, service=Service(library, settings=settings)) as address,
        browser.new_context(viewport=DESKTOP) as context,
    ):
        other = arrive(context.new_page(), address)
        other.ask(ACCUSED)
        other.ask("and why?", turn=2)
        assert other.page.url.rstrip("/") == address and not library.conversations.search()
        assert not other.page.locator("#conversations").is_visible()
        other.page.goto(f"{address}/conversations")
        assert "aren’t being saved" in other.page.locator(".page-note").inner_text()
        assert not other.complaints


def test_a_stranger_sees_and_keeps_nothing(
    browser: sync_api.Browser, visit: Visit, library: Library
) -> None:
    visit.ask(ACCUSED)
    kept = kept_id(visit.page)
    headers = {"x-forwarded-for": "192.0.2.7"}
    with browser.new_context(viewport=DESKTOP, extra_http_headers=headers) as context:
        page = context.new_page()
        page.goto(f"{visit.address}/?conversation={kept}")
        page.get_by_text("This conversation doesn’t exist any more").wait_for()
        page.locator("#question-box textarea").fill(STARGATE)
        page.keyboard.press("Enter")
        page.locator(ANSWERED).first.wait_for()
        assert page.locator(".question").inner_text() == STARGATE
        assert not page.locator("#conversations").is_visible()
    assert [item.id for item in library.conversations.search()] == [kept]
    assert library.conversations.get(kept).summary.turns == 1

"""The page in a real browser, over the seeds and a library of hostile articles."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from browsing import ANSWERED, DESKTOP, PHONE, Visit, arrive, words
from live_server import modelled, serving
from rag import BackendError, Library, ingest, open_library, verifier_metrics
from scripted_server import Asked, Wire, chunk
from small_library import QUESTION as HARBOUR
from tiny_embedder import TinySpanEmbedder
from ui.service import Service

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    # Gradio keeps its queue's statistics in ways that pandas has deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

ROOT = Path(__file__).resolve().parent.parent.parent
# Read here, because the tests themselves run without a user's settings.
QUESTION = "What does OpenAI accuse DeepSeek of?"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over the project's own five articles."""
    with open_library(tmp_path_factory.mktemp("seeds") / "library", create=True) as library:
        ingest([ROOT / "seeds"], library=library)
        with serving(library) as address:
            yield address


@pytest.fixture
def visit(browser: sync_api.Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh visitor of the seeds; a parameter gives the window and the colour scheme."""
    options = getattr(request, "param", {"viewport": DESKTOP})
    with browser.new_context(**options) as context:
        yield arrive(context.new_page(), request.getfixturevalue("seeds"))


def test_a_footnote_opens_the_sentence_and_the_reading_page_shows_it(visit: Visit) -> None:
    page = visit.page
    visit.ask(QUESTION)
    note = page.locator("a.footnote").last
    note.click()
    page.locator("a.footnote.active").last.wait_for()
    page.locator("#source mark").first.wait_for()
    address = urlsplit(note.get_attribute("href") or "")
    span = {name: int(values[0]) for name, values in parse_qs(address.query).items()}
    article = page.request.get(f"{visit.address}/api{address.path}").json()
    quote = article["text"][span["start"] : span["end"]]
    page.wait_for_function(
        "text => document.querySelector('#source mark')?.textContent.startsWith(text)",
        arg=quote[:9],
    )
    assert words("".join(page.locator("#source mark").all_inner_texts())) == words(quote)
    assert page.locator("#source .source-title").inner_text() == article["title"]
    page.locator("#source .full-article").click()
    page.locator("mark#cited").wait_for()
    assert words("".join(page.locator(".story mark").all_inner_texts())) == words(quote)
    box = page.locator("mark#cited").bounding_box()
    assert box and 0 <= box["y"] < DESKTOP["height"]
    assert not visit.outside and not visit.complaints


def test_the_last_sentence_of_a_long_article_is_scrolled_to(visit: Visit) -> None:
    item = visit.page.request.get(f"{visit.address}/api/articles").json()["articles"][-1]
    end = item["characters"]
    visit.page.goto(f"{visit.address}/articles/{item['id']}?start={end - 40}&end={end}")
    box = visit.page.locator("mark#cited").bounding_box()
    assert box and 0 <= box["y"] < DESKTOP["height"]
    assert visit.page.evaluate("scrollY") > DESKTOP["height"]


def test_every_footnote_works_without_the_panel(visit: Visit) -> None:
    visit.ask(QUESTION)
    for note in visit.page.locator("a.footnote").all():
        reply = visit.page.request.get(f"{visit.address}{note.get_attribute('href')}")
        assert reply.ok and 'id="cited"' in reply.text()


def test_keys_open_and_close_the_source(visit: Visit) -> None:
    page = visit.page
    visit.ask(QUESTION)
    note = page.locator("a.footnote").first
    note.focus()
    page.keyboard.press("Enter")
    page.locator("body.source-open").wait_for()
    page.keyboard.press("Escape")
    page.locator("body:not(.source-open)").wait_for()
    assert page.evaluate("document.activeElement.className").startswith("footnote")
    assert page.url.startswith(f"{visit.address}/?conversation=")


def test_examples_ask_and_a_conversation_starts_anew(visit: Visit) -> None:
    page = visit.page
    page.locator("#examples .example:visible").first.click()
    page.locator(ANSWERED).wait_for()
    assert page.locator("a.footnote").count()
    assert not page.locator("#examples").is_visible()
    visit.ask("What is Project Stargate?", turn=2)
    assert page.locator(".turn").count() == 2
    page.get_by_label("New conversation").click()
    page.locator("#examples .example:visible").first.wait_for()
    assert page.locator(".turn").count() == 0
    assert not visit.complaints


def test_visitors_do_not_share_a_conversation(visit: Visit, browser: sync_api.Browser) -> None:
    visit.ask(QUESTION)
    with browser.new_context(viewport=DESKTOP) as context:
        other = arrive(context.new_page(), visit.address)
        assert other.page.locator(".turn").count() == 0
        other.ask("What is Project Stargate?")
        assert other.page.locator(".turn").count() == 1


def test_a_follow_up_is_read_with_its_subject(visit: Visit) -> None:
    visit.ask("What happened to Sam Altman?")
    visit.ask("who wanted to hire him?", turn=2)
    read = visit.page.locator(".reading-of").inner_text()
    assert read == "who wanted to hire Sam Altman?"
    visit.page.locator("[data-action=reword]").click()
    assert visit.page.locator("#question-box textarea").input_value() == read


def test_the_note_tells_the_stored_figures_of_the_check(visit: Visit) -> None:
    figures = verifier_metrics()
    assert figures is not None
    note = visit.page.locator("details.about-verification")
    note.locator("summary").click()
    said = note.inner_text()
    caught = figures["caught"]["all"]
    assert f"of {caught['n']} errors" in said and f"{caught['value']:.1%}" in said
    assert f"{figures['mean']:.0%}" in said and figures["measured"][:4] in said


def test_a_refusal_is_an_answer(visit: Visit) -> None:
    visit.ask("How do I bake a chocolate cake?")
    page = visit.page
    assert page.locator(".refusal").count() == 1
    assert page.locator(".headlines a").count() >= 1
    assert page.locator(".notice, a.footnote").count() == 0
    assert not page.locator("#source").is_visible()
    page.locator(".headlines a").first.click()
    page.locator(".reading h1").wait_for()


def test_nothing_can_be_asked_without_text(visit: Visit) -> None:
    page = visit.page
    box, ask = page.locator("#question-box textarea"), page.locator("#ask")
    page.wait_for_function("document.querySelector('#ask').disabled")
    box.fill("   ")
    assert ask.is_disabled()
    page.keyboard.press("Enter")
    box.fill(QUESTION)
    assert ask.is_enabled()
    ask.click()
    page.locator(ANSWERED).wait_for()
    assert page.locator(".turn").count() == 1
    page.wait_for_function("document.querySelector('#ask').disabled")


def test_the_box_takes_two_thousand_characters(visit: Visit) -> None:
    box = visit.page.locator("#question-box textarea")
    assert box.get_attribute("maxlength") == "2000"


@pytest.mark.parametrize(
    "visit",
    [
        {"viewport": PHONE, "color_scheme": "light", "has_touch": True},
        {"viewport": PHONE, "color_scheme": "dark", "has_touch": True},
        {"viewport": {"width": 768, "height": 1024}},
        {"viewport": DESKTOP, "color_scheme": "dark"},
    ],
    ids=["phone", "phone-dark", "tablet", "desktop-dark"],
    indirect=True,
)
def test_nothing_scrolls_sideways_and_the_panel_fits(visit: Visit) -> None:
    page = visit.page
    assert visit.fits()
    visit.ask(QUESTION)
    assert visit.fits()
    page.locator("a.footnote").first.click()
    page.locator("#source mark").first.wait_for()
    assert visit.fits()
    box = page.locator("#source").bounding_box()
    size = page.viewport_size
    assert box and size and box["x"] >= 0 and box["x"] + box["width"] <= size["width"] + 1
    page.locator(".source-close").click()
    page.locator("details.evidence summary").click()
    assert visit.fits()
    page.locator(".save > summary").click()
    menu = page.locator(".save .menu-list").bounding_box()
    assert menu and menu["x"] >= 0 and menu["x"] + menu["width"] <= size["width"]
    assert visit.fits()
    page.keyboard.press("Escape")
    for path in (
        "/articles",
        urlsplit(str(page.locator("a.footnote").first.get_attribute("href"))).path,
    ):
        page.goto(f"{visit.address}{path}")
        assert visit.fits()
    assert not visit.complaints and not visit.outside


def test_dark_is_dark(browser: sync_api.Browser, seeds: str) -> None:
    lightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    for options, path, dark in (
        ({"color_scheme": "dark"}, "/", True),
        ({"color_scheme": "light"}, "/?__theme=dark", True),
        ({"color_scheme": "light"}, "/", False),
        ({"color_scheme": "dark"}, "/articles", True),
        ({"color_scheme": "light"}, "/articles", False),
    ):
        with browser.new_context(**options) as context:
            page = context.new_page()
            page.goto(seeds + path)
            page.locator(".footer, .listing").first.wait_for()
            assert (page.evaluate(lightness) < 90) == dark, (options, path)


def test_the_empty_library_says_the_command(browser: sync_api.Browser, tmp_path: Path) -> None:
    with (
        open_library(tmp_path / "empty", embedder=TinySpanEmbedder(), create=True) as library,
        serving(library) as address,
        browser.new_context(viewport=DESKTOP) as context,
    ):
        page = arrive(context.new_page(), address).page
        page.locator(".empty").wait_for()
        assert "footnote ingest FOLDER" in page.locator(".empty code").inner_text()
        assert not page.locator("#question-box").is_visible()
        assert not page.locator("#examples .example").first.is_visible()


class FailingService(Service):
    """One whose backend is down, or worse."""

    def stream(self, question: str, **known: object) -> Iterator[object]:  # type: ignore[override]
        if "down" in question:
            raise BackendError("mine", "it is <b>down</b>")
        raise RuntimeError("secret inner state")


def test_a_sentence_is_seen_growing_and_settles(browser: sync_api.Browser, tmp_path: Path) -> None:
    going_on = threading.Event()

    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.event(chunk(content="The harbour of **Esk** <b>reopened [1"))
        going_on.wait(20)
        wire.event(chunk(content="]."))
        wire.stop()

    with modelled(tmp_path, play) as address, browser.new_context() as context:
        visit = arrive(context.new_page(), address)
        visit.page.locator("#question-box textarea").fill(HARBOUR)
        visit.page.keyboard.press("Enter")
        visit.page.locator(".draft").wait_for()
        assert visit.page.locator(".draft").inner_text() == ("The harbour of Esk <b>reopened")
        assert "hasn’t been checked yet" in visit.page.locator(".turn .busy").inner_text()
        assert not visit.page.locator("a.footnote").count()
        going_on.set()
        visit.page.locator(ANSWERED).wait_for()
        assert not visit.page.locator(".draft").count()
        assert visit.page.locator(".sentence").count()
        assert not visit.outside and not visit.complaints


def test_a_closed_tab_hangs_up_on_a_silent_model(browser: sync_api.Browser, tmp_path: Path) -> None:
    asked_of, noticed = threading.Event(), threading.Event()

    def play(wire: Wire, asked: Asked) -> None:
        asked_of.set()
        if wire.gone(20):
            noticed.set()

    with modelled(tmp_path, play) as address, browser.new_context() as context:
        visit = arrive(context.new_page(), address)
        visit.page.locator("#question-box textarea").fill(HARBOUR)
        visit.page.keyboard.press("Enter")
        assert asked_of.wait(20)
        visit.page.close()
        assert noticed.wait(10)


def hostile_library(path: Path, strings: list[str]) -> Library:
    """An open library of articles whose titles and texts are script strings."""
    folder = path / "articles"
    folder.mkdir(parents=True)
    for number, string in enumerate(strings):
        body = f"The word of article {number} is harbour{number}. It says {string} and ends."
        front = f"title: {string!r}\npublisher: {string!r}\nurl: {string!r}"
        text = f"---\n{front.replace(chr(92), '')}\n---\n{body}\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    library = open_library(path / "library", embedder=TinySpanEmbedder(), create=True)
    ingest([folder], library=library)
    return library


def test_errors_are_words_and_tell_no_secrets(browser: sync_api.Browser, tmp_path: Path) -> None:
    with (
        hostile_library(tmp_path, ["plain"]) as library,
        serving(library, service=FailingService(library)) as address,
        browser.new_context(viewport=DESKTOP) as context,
    ):
        visit = arrive(context.new_page(), address)
        visit.ask("Are you down?")
        assert "it is <b>down</b>" in visit.page.locator(".notice.error").inner_text()
        visit.ask("Why?", turn=2)
        assert "Something went wrong" in visit.page.locator(".notice.error").nth(1).inner_text()
        assert "secret" not in visit.page.content()


SCRIPTS = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<svg onload=document.title='owned'>",
    "${document.title='owned'} {{document.title='owned'}}",
    "![x](https://exfil.example/p.png?q=1)",
    "<iframe src=https://exfil.example></iframe>",
]


def test_no_script_of_an_article_or_a_question_runs(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    with (
        hostile_library(tmp_path, SCRIPTS) as library,
        serving(library) as address,
        browser.new_context(viewport=DESKTOP) as context,
    ):
        assert len([a for a in library.articles() if "<" in a.source.title]) >= 3
        visit = arrive(context.new_page(), address)
        page = visit.page
        for turn, string in enumerate(SCRIPTS, start=1):
            visit.ask(f"What is the word of article harbour{turn - 1}? {string}", turn=turn)
            assert string in page.locator(".question").last.inner_text()
        page.wait_for_timeout(300)
        strangers = "main img, main iframe, main svg, #source img, #source iframe, .turn script"
        assert page.locator(strangers).count() == 0
        assert page.title() == "Footnote"
        for summary in library.articles():
            page.goto(f"{address}/articles/{summary.source.id}?start=0&end=30")
            assert page.locator("main :is(img, iframe, svg, script)").count() == 0
            assert page.title() != "owned"
        assert not visit.outside and "dialog" not in visit.complaints

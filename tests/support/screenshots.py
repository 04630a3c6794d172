"""Pictures of every state of the page, for people to look at: ``make screenshots FOLDER=…``.

Each state in three windows, light and dark, over the seeds. A model's answers are scripted.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# As in the tests: before the libraries that read them are imported.
os.environ.update(ANONYMIZED_TELEMETRY="False", GRADIO_ANALYTICS_ENABLED="False", DO_NOT_TRACK="1")

from playwright import sync_api

from browsing import ANSWERED, DESKTOP, PHONE, QUIET, arrive
from live_server import serving
from rag import BackendSettings, Library, Settings, ingest, open_library
from scripted_server import Asked, Wire, answers, chunk, scripted
from tiny_embedder import TinySpanEmbedder
from ui.service import Service

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1024, "height": 768}
WINDOWS = {"desktop": DESKTOP, "laptop": LAPTOP, "phone": PHONE}
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
QUESTION = "What does OpenAI accuse DeepSeek of?"
# Pages in place of one that is not there, and the one that a bookmark opens.
ERRORS = {
    "not-found": "/none",
    "unknown-article": "/articles/none",
    "unknown-conversation": "/conversations/none",
    "clip": "/clip",
}
# Milliseconds for what glides and fades.
SETTLE = 450

# What a model writes: one sentence of the articles, one changed, one that no article holds.
DOUBTFUL = (
    "OpenAI says it has evidence that DeepSeek used its proprietary models to train its own "
    "[1]. DeepSeek released R1 in 2019 [1]. Kangaroos were first imported to Iceland by "
    "the bank of Reykjavik [2]."
)
BEGUN = (
    "OpenAI says it has evidence that DeepSeek used its proprietary models to train its own "
    "[1]. DeepSeek released R1 in January [1]. It also"
)


@dataclass(frozen=True)
class Addresses:
    """Servers over the seeds, three of them with a model each, and one over nothing."""

    seeds: str
    doubtful: str
    silent: str
    failing: str
    empty: str


class Camera:
    """Takes the pictures of one window and colour scheme.

    Args:
        page: In the window's size.
        folder: Where the pictures go.
        kind: Ends their names: window and colour scheme.
    """

    def __init__(self, page: sync_api.Page, folder: Path, kind: str) -> None:
        self.page = page
        self.folder = folder
        self.kind = kind

    def take(self, state: str) -> None:
        self.page.mouse.move(2, 2)
        self.page.wait_for_timeout(SETTLE)
        self.page.screenshot(path=self.folder / f"{state}-{self.kind}.png")


def start(camera: Camera, at: Addresses) -> None:
    visit = arrive(camera.page, at.seeds)
    camera.page.locator("#examples .example:visible").first.wait_for()
    camera.take("start")
    camera.page.locator("details.filter > summary").click()
    camera.take("filter")
    camera.page.keyboard.press("Escape")
    camera.page.locator(".languages > summary").click()
    camera.take("languages")
    camera.page.keyboard.press("Escape")
    camera.page.locator("details.model > summary").click()
    camera.page.locator("[data-backend]").first.wait_for()
    camera.take("models")
    camera.page.keyboard.press("Escape")
    camera.page.locator("details.about-verification > summary").click()
    camera.take("about")
    camera.page.goto("about:blank")
    arrive(camera.page, at.empty)
    camera.take("empty-library")
    assert not visit.outside, visit.outside


def answer(camera: Camera, at: Addresses) -> None:
    page = camera.page
    visit = arrive(page, at.seeds)
    visit.ask(QUESTION)
    page.locator(".next-questions button").first.wait_for()
    camera.take("answer")
    page.locator("[data-judge=bad][aria-pressed]").click()
    page.locator(".judgment").scroll_into_view_if_needed()
    camera.take("judgment")
    page.locator("a.footnote").last.click()
    page.locator("#source mark").first.wait_for()
    camera.take("source-panel")
    reading = page.locator("#source .full-article").get_attribute("href")
    page.locator(".source-close").click()
    page.locator("details.evidence > summary").first.click()
    page.locator("details.evidence").first.scroll_into_view_if_needed()
    camera.take("evidence")
    page.locator(".save > summary").click()
    page.locator(".save .menu-list").scroll_into_view_if_needed()
    camera.take("save-menu")
    page.keyboard.press("Escape")
    visit.ask("and who was fired?", turn=2)
    camera.take("follow-up")
    page.goto(f"{at.seeds}{reading}")
    camera.take("reading")


def other_answers(camera: Camera, at: Addresses) -> None:
    visit = arrive(camera.page, at.seeds)
    visit.ask("How do I bake a chocolate cake?")
    camera.take("refusal")
    visit.ask("thanks", turn=2)
    camera.take("thanks")


def models(camera: Camera, at: Addresses) -> None:
    page = camera.page
    arrive(page, at.doubtful).ask(QUESTION)
    for badge in page.locator(".badge").all():
        badge.click()
    camera.take("doubts")
    page.goto("about:blank")
    arrive(page, at.silent)
    page.locator("#question-box textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn[aria-busy] .claim").first.wait_for()
    camera.take("writing")
    page.locator("#stop").click()
    page.locator(ANSWERED).wait_for()
    camera.take("stopped")
    page.goto("about:blank")
    arrive(page, at.failing).ask(QUESTION)
    camera.take("failed")


def other_pages(camera: Camera, at: Addresses) -> None:
    page = camera.page
    page.goto(f"{at.seeds}/articles")
    camera.take("articles")
    damaged = {"name": "damaged.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator(".add input[type=file]").first.set_input_files([damaged])
    page.locator(".receipt .failed").wait_for()
    camera.take("receipt")
    page.locator(".listing input").first.check()
    page.locator("[data-do=keep]").click()
    page.locator("#collection-name").fill("Open source")
    camera.take("articles-chosen")
    page.keyboard.press("Enter")
    page.locator(".collections").wait_for()
    camera.take("collections")
    page.goto(f"{at.seeds}/check")
    camera.take("check")
    page.locator("textarea").fill(DOUBTFUL.replace(" [1]", "").replace(" [2]", ""))
    page.get_by_role("button", name="Check").click()
    page.locator(".checked .paragraph").first.wait_for()
    camera.take("checked")
    page.goto(f"{at.seeds}/conversations")
    camera.take("conversations")
    page.locator(".conversation-list li > a").last.click()
    page.locator(ANSWERED).first.wait_for()
    if (opener := page.locator(".to-conversations")).is_visible():
        opener.click()
    camera.take("conversations-beside")


def conversation_page(camera: Camera, at: Addresses) -> None:
    listed = camera.page.request.get(f"{at.seeds}/api/conversations").json()["conversations"]
    camera.page.goto(f"{at.seeds}/conversations/{listed[-1]['id']}")
    camera.take("conversation-page")
    for state, place in ERRORS.items():
        camera.page.goto(f"{at.seeds}{place}")
        camera.take(state)


SCENES: tuple[Callable[[Camera, Addresses], None], ...] = (
    start,
    answer,
    other_answers,
    models,
    other_pages,
    conversation_page,
)


def silent(wire: Wire, asked: Asked) -> None:
    """A model that writes two sentences and falls silent."""
    wire.head()
    wire.event(chunk(content=BEGUN))
    wire.gone(60)


def modelled(library: Library, address: str) -> Service:
    """The page over a library whose answers are written by the model at an address."""
    own = BackendSettings(name="mine", base_url=address, model="some-model", location="local")
    settings = Settings(
        library=library.path, backend=("mine",), backends=(own,), keep_conversations=False
    )
    return Service(library, settings=settings)


@contextmanager
def servers(folder: Path) -> Iterator[Addresses]:
    with (
        open_library(folder / "library", create=True) as library,
        open_library(folder / "empty", embedder=TinySpanEmbedder(), create=True) as empty,
        scripted(answers(DOUBTFUL)) as doubtful,
        scripted(silent) as slow,
    ):
        ingest([ROOT / "seeds"], library=library)
        with (
            serving(library) as seeds,
            serving(library, service=modelled(library, doubtful.address)) as doubting,
            serving(library, service=modelled(library, slow.address)) as waiting,
            serving(library, service=modelled(library, "http://127.0.0.1:9/v1")) as failing,
            serving(empty) as nothing,
        ):
            yield Addresses(seeds, doubting, waiting, failing, nothing)


def main(folder: Path, wanted: str = "") -> None:
    """Takes the pictures; ``wanted`` restricts them to a window or a colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = next(path for path in BROWSERS if Path(path).exists())
    with (
        tempfile.TemporaryDirectory() as work,
        servers(Path(work)) as at,
        sync_api.sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for window, size in WINDOWS.items():
            for scheme in ("light", "dark"):
                kind = f"{window}-{scheme}"
                if wanted not in kind:
                    continue
                for scene in SCENES:
                    context = browser.new_context(
                        viewport=size, color_scheme=scheme, has_touch=window == "phone"
                    )
                    with context:
                        scene(Camera(context.new_page(), folder, kind), at)
                sys.stdout.write(f"{kind}\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

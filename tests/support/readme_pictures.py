"""The pictures in the README, one of which moves: ``make pictures``."""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright import sync_api

from browsing import ANSWERED, DESKTOP, PHONE, QUIET, arrive
from live_server import serving
from rag import ingest, open_library
from screenshots import BROWSERS, QUESTION, ROOT, modelled
from scripted_server import DONE, Asked, Play, Wire, chunk, scripted

WINDOW = {"width": 1100, "height": 690}
SIZE = (880, 552)
TICK = 120  # milliseconds a frame is shown while something moves
GOOD = (
    "OpenAI says it has evidence that DeepSeek may have used the outputs of its own models to make "
    "its product better [1]. This rests on a method called model distillation [1]. Distillation "
    "transfers knowledge from a more complex AI model to one that is simpler [1]."
)
DOUBTS = GOOD.replace("This rests", "DeepSeek released R1 in 2019 [1]. This rests")
POINTER = """([x, y]) => {
    const found = document.querySelector("#pointer");
    const dot = found ?? document.body.appendChild(document.createElement("div"));
    dot.id = "pointer";
    dot.style.cssText = `position: fixed; left: ${x - 11}px; top: ${y - 11}px; width: 22px;
        height: 22px; border-radius: 50%; background: rgb(20 97 91 / 45%);
        border: 2px solid white; z-index: 99; pointer-events: none`;
}"""


class Film:
    """Takes frames of a page; equal ones become one that is shown longer."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []
        self.at = (550.0, 480.0)

    def take(self, milliseconds: int = TICK) -> None:
        taken = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        frame = taken.resize(SIZE, Image.Resampling.LANCZOS)
        if self.frames and frame.tobytes() == self.frames[-1].tobytes():
            self.durations[-1] += milliseconds
        else:
            self.frames.append(frame)
            self.durations.append(milliseconds)

    def click(self, target: sync_api.Locator) -> None:
        """Moves a pointer that can be seen there, and clicks."""
        box = target.bounding_box()
        assert box is not None
        goal = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        start = self.at
        for step in range(1, 7):
            part = step / 6
            across, down = (a + (b - a) * part for a, b in zip(start, goal, strict=True))
            self.at = (across, down)
            self.page.evaluate(POINTER, list(self.at))
            self.take(60)
        self.take(400)
        target.click()

    def save(self, path: Path) -> None:
        first, *others = self.frames
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self.durations,
            loop=0,
            quality=72,
            method=6,
        )
        seconds = sum(self.durations) / 1000
        sys.stdout.write(
            f"{path}: {seconds:.1f} s, {len(self.frames)} frames, {path.stat().st_size:,} bytes\n"
        )


def writes(text: str, pause: float = 0.0) -> Play:
    """A model that writes; with a pause after each word, it waits at the end to be stopped."""

    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        for word in text.split(" "):
            wire.event(chunk(content=word + " ") | {"model": "some-model"})
            time.sleep(pause)
        if pause:
            wire.gone(60)
        else:
            wire.event(chunk(finish="stop") | {"model": "some-model"})
            wire.event(DONE)

    return play


def act(film: Film, address: str) -> None:
    page = film.page
    arrive(page, address)
    page.locator("#examples .example:visible").first.wait_for()
    film.take(1200)
    for start in range(0, len(QUESTION), 2):
        page.keyboard.insert_text(QUESTION[start : start + 2])
        film.take(80)
    film.take(500)
    page.keyboard.press("Enter")
    page.locator(".turn[aria-busy] .draft").wait_for()
    while not page.locator(".turn[aria-busy] .claim").count():
        film.take()
    for _ in range(8):
        film.take()
    film.click(page.locator("#stop"))
    page.locator(ANSWERED).wait_for()
    film.take(1600)
    film.click(page.locator("[data-action=again]").last)
    page.locator(ANSWERED).locator("a.footnote").first.wait_for()
    page.wait_for_timeout(600)
    film.take(1800)
    film.click(page.locator("a.footnote").last)
    page.wait_for_timeout(600)
    film.take(2600)
    film.click(page.locator("#source .full-article"))
    page.locator("mark#cited").wait_for()
    film.take(3000)


def stills(browser: sync_api.Browser, address: str, folder: Path) -> None:
    """An answer beside its source, one with a sentence in doubt, and a telephone."""
    for name, size in (("desktop-light", DESKTOP), ("desktop-dark", DESKTOP), ("phone", PHONE)):
        scheme = "dark" if name.endswith("dark") else "light"
        with browser.new_context(viewport=size, color_scheme=scheme) as context:
            visit = arrive(context.new_page(), address)
            visit.ask(QUESTION)
            page = visit.page
            page.locator("a.footnote").last.click()
            page.locator("#source mark").first.wait_for()
            if page.locator(".badge").count():
                page.locator(".badge").last.click()
            page.mouse.move(5, 5)
            page.wait_for_timeout(1000)
            page.screenshot(path=folder / f"{name}.png")


def main(folder: Path) -> None:
    """Plays the scenes, and writes the pictures."""
    plays = (writes(GOOD[:-30], 0.12), writes(GOOD), writes(GOOD), writes(DOUBTS), writes(GOOD))
    with (
        tempfile.TemporaryDirectory() as work,
        open_library(Path(work) / "library", create=True) as library,
        scripted(*plays) as model,
        sync_api.sync_playwright() as playwright,
    ):
        ingest([ROOT / "seeds"], library=library)
        chromium = next(path for path in BROWSERS if Path(path).exists())
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        with serving(library, service=modelled(library, model.address)) as address:
            film = Film(browser.new_page(viewport=WINDOW))
            act(film, address)
            film.save(folder / "asking.webp")
            stills(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

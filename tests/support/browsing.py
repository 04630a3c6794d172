"""A visitor's browser: asks, looks, and notes what goes wrong or leaves this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright import sync_api

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ANSWERED = ".turn:not([aria-busy])"


CUT_OFF = ("AbortError: ", "Unexpected error Connection errored out.")
# All that Firefox says of the same.
CUT_OFF_TERSELY = "Error"


@dataclass
class Visit:
    """A page, and what it asked for and complained of."""

    page: sync_api.Page
    address: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    leaving: bool = False

    def ask(self, question: str, *, turn: int = 1) -> None:
        self.page.locator("#question-box textarea").fill(question)
        self.page.keyboard.press("Enter")
        self.page.locator(ANSWERED).nth(turn - 1).wait_for()

    def fits(self) -> bool:
        """Whether nothing makes the page scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def is_cut_off(text: str) -> bool:
    """Whether the console speaks of what a page was waiting for when it was left."""
    return text.startswith(CUT_OFF) or text == CUT_OFF_TERSELY


def arrive(page: sync_api.Page, address: str) -> Visit:
    visit = Visit(page, address)

    def requested(request: sync_api.Request) -> None:
        if request.is_navigation_request():
            visit.leaving = True
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.hostname != "127.0.0.1":
            visit.outside.append(request.url)

    def said(message: sync_api.ConsoleMessage) -> None:
        # What a page that is left was still waiting for is cut off, and Gradio says so there.
        cut_off = visit.leaving and is_cut_off(message.text)
        if message.type in ("error", "warning") and not cut_off:
            visit.complaints.append(message.text)

    def loaded() -> None:
        visit.leaving = False

    def left(frame: sync_api.Frame) -> None:
        if frame == page.main_frame:
            kept = [said for said in visit.complaints if not is_cut_off(said)]
            visit.complaints[:] = kept

    page.on("request", requested)
    page.on("load", lambda _: loaded())
    page.on("framenavigated", left)
    page.on("console", said)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (visit.complaints.append("dialog"), dialog.dismiss()))
    page.goto(address)
    page.locator(".footer").wait_for()
    return visit


@contextmanager
def visiting(browser: Any, address: str, **window: Any) -> Iterator[Visit]:
    """A visitor whose page must not complain or ask for anything outside.

    Args:
        browser: Chromium.
        address: Of the server.
        window: Options of the browser's context; by default a desktop's size.
    """
    with browser.new_context(**(window or {"viewport": DESKTOP})) as context:
        visit = arrive(context.new_page(), address)
        yield visit
        assert not visit.complaints and not visit.outside


def words(text: str) -> str:
    return " ".join(text.split())

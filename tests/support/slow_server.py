"""Comes between a page and its server: passes on what the page asks for, keeps or refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright import sync_api

QUEUE = "**/queue/join*"


class SlowServer:
    """What a page hands to Gradio's queue passes this.

    Args:
        page: One that is not loaded yet: Chromium intercepts what is sent some time after it is
            told to, so that some of what a loaded page sends would slip through.

    Attributes:
        reply: What becomes of the next ones.
        held: Those that are kept, in their order.
    """

    def __init__(self, page: sync_api.Page) -> None:
        self.reply: Literal["pass", "hold", "refuse"] = "pass"
        self.held: list[sync_api.Route] = []
        self._page = page
        page.route(QUEUE, self._asked)

    def _asked(self, route: sync_api.Route) -> None:
        if self.reply == "hold":
            self.held.append(route)
        elif self.reply == "refuse":
            route.fulfill(status=503, json={"detail": "Queue is full."})
        else:
            route.continue_()

    def wait_for(self, number: int) -> None:
        """Waits until so many are kept."""
        while len(self.held) < number:
            self._page.wait_for_timeout(20)

    def let_go(self) -> None:
        """Passes on what was kept, and all that follows."""
        self.reply = "pass"
        while self.held:
            self.held.pop(0).continue_()

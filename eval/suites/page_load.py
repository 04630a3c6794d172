"""What a visitor of the page waits for, and by how much it moves under the eyes, in Chromium.

Layout shifts are those of the browser's own measure, by the step after which they happened: a shift
within half a second of a key or a click is expected there and does not count. The first question is
therefore sent late, so that no change that waits for the server hides in that half second.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.libraries import SEEDS
from eval.report import versions
from eval.suites.startup import run_command, server
from rag import FootnoteError

QUESTION = "What does OpenAI accuse DeepSeek of?"
WINDOWS = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
# Milliseconds for what loads late, glides and fades.
SETTLE = 700
# Seconds that a slow server would take to reply.
SLOW = 1.0
NOTE_SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const shift of list.getEntries())
    if (!shift.hadRecentInput)
      window.shifts.push([shift.value, ...shift.sources.map(({node}) => node
        ? node.nodeName + (node.id && '#' + node.id) + '.' + (node.className || '') : '')]);
}).observe({type: 'layout-shift', buffered: true});
"""
TAKE_SHIFTS = "() => window.shifts.splice(0)"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


@dataclass(frozen=True, slots=True)
class Visit:
    """Seconds to the first content and to a page that takes a question, and shifts by step."""

    content: float
    usable: float
    shifts: Mapping[str, list[list[Any]]]


@dataclass(frozen=True, slots=True)
class PageReport:
    """Visits by window."""

    visits: Mapping[str, tuple[Visit, ...]]

    def to_dict(self) -> dict[str, Any]:
        visits = {name: [asdict(visit) for visit in found] for name, found in self.visits.items()}
        return {"suite": "page", "visits": visits, "versions": versions()}

    def table(self) -> str:
        """Medians of the times, the largest sum of shifts of each step and what moved most."""
        rows = []
        for window, visits in self.visits.items():
            content, usable = (
                statistics.median(getattr(visit, name) for visit in visits)
                for name in ("content", "usable")
            )
            rows.append(f"{window:9}first content {content:.2f} s, usable {usable:.2f} s")
            for step in visits[0].shifts:
                found = max((v.shifts[step] for v in visits), key=lambda s: sum(x[0] for x in s))
                moved = max(found, default=[0.0])[1:3]
                total = sum(shift[0] for shift in found)
                rows.append(f"  {step:16}shifts {total:.4f}  {' '.join(map(str, moved))}")
        return "\n".join(rows)


def measure(runs: int) -> PageReport:
    """Visits the page over the seeds ``runs`` times in each window, after one not counted.

    Raises:
        FootnoteError: There is no Chromium, or the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as folder, _browser() as browser:
        library = str(Path(folder, "library"))
        run_command("ingest", str(SEEDS), "--library", library)
        with server("--library", library) as address:
            _visit(browser, address, "desktop")
            return PageReport(
                {
                    window: tuple(_visit(browser, address, window) for _ in range(runs))
                    for window in WINDOWS
                }
            )


@contextmanager
def _browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise FootnoteError(f"None of these browsers is on the path: {', '.join(BROWSERS)}.")
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


def _late(route: Any) -> None:
    time.sleep(SLOW)
    route.continue_()


def _visit(browser: Any, address: str, window: str) -> Visit:
    shifts: dict[str, list[list[Any]]] = {}
    with browser.new_context(viewport=WINDOWS[window], has_touch=window == "phone") as context:
        page = context.new_page()
        page.add_init_script(NOTE_SHIFTS)

        def note(step: str) -> None:
            page.wait_for_timeout(SETTLE)
            shifts[step] = page.evaluate(TAKE_SHIFTS)

        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.locator(".footer").wait_for()
        box = page.locator("#question-box textarea")
        box.click()
        usable = time.perf_counter() - started
        content = page.evaluate(PAINTED)
        page.locator("#examples .example:visible").first.wait_for()
        note("load")
        page.route("**/queue/join*", _late)
        box.press_sequentially(QUESTION)
        page.keyboard.press("Enter")
        page.locator(".turn").wait_for()
        page.unroute("**/queue/join*")
        note("asking")
        page.locator(".turn:not([aria-busy])").wait_for()
        page.locator(".next-questions button").first.wait_for(timeout=90_000)
        note("answer shown")
        page.locator("a.footnote").last.click()
        page.locator("#source mark").first.wait_for()
        note("panel opened")
    return Visit(content, usable, shifts)

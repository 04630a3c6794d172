"""Every state of the page, in both colour schemes, has no serious finding of axe-core.

A package of the test requirements brings it; AXE_CORE names the file of another version.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from screenshots import SCENES, SETTLE, WINDOWS, Addresses, Camera, servers

sync_api = pytest.importorskip("playwright.sync_api")


def axe_core() -> Path | None:
    """The script, if it is on this machine."""
    if named := os.environ.get("AXE_CORE"):
        return Path(named)
    package = find_spec("axe_playwright_python")
    return Path(str(package.origin)).with_name("axe.min.js") if package else None


AXE = axe_core()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.skipif(AXE is None, reason="no axe-core: pip install axe-playwright-python"),
]
# In a colour scheme: the page's script has heard of it, and no colour is still changing.
WORN = """async scheme => {
    while (document.documentElement.dataset.theme !== scheme)
        await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations()
        .filter(each => each.effect.getComputedTiming().endTime !== Infinity)
        .map(each => each.finished));
}"""
SERIOUS = """async () => (await axe.run()).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .flatMap(found => found.nodes.map(node => `${found.id}: ${node.html.slice(0, 160)}`))"""


class Inspector(Camera):
    """Looks at a state in place of taking its picture."""

    def __init__(self, page: sync_api.Page, kind: str) -> None:
        super().__init__(page, Path(), kind)
        self.findings: list[str] = []

    def take(self, state: str) -> None:
        self.page.wait_for_timeout(SETTLE)
        self.page.evaluate(Path(str(AXE)).read_text(encoding="utf-8"))
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.evaluate(WORN, scheme)
            name = f"{state}-{self.kind}-{scheme}"
            self.findings += [f"{name}: {found}" for found in self.page.evaluate(SERIOUS)]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    with servers(tmp_path_factory.mktemp("served")) as at:
        yield at


@pytest.mark.parametrize("window", ["desktop", "phone"])
def test_no_state_of_the_page_has_a_serious_finding(
    browser: sync_api.Browser, at: Addresses, window: str
) -> None:
    findings: list[str] = []
    for scene in SCENES:
        options = {"viewport": WINDOWS[window], "bypass_csp": True}
        with browser.new_context(**options, has_touch=window == "phone") as context:
            inspector = Inspector(context.new_page(), window)
            scene(inspector, at)
            findings += inspector.findings
    assert not findings, "\n".join(findings)

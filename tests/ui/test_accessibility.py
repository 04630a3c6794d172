"""Every state of the page, in both colour schemes, has no serious finding of axe-core.

It is not part of the project: AXE_CORE names its file, from ``npm pack axe-core``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from screenshots import SCENES, SETTLE, WINDOWS, Addresses, Camera, servers

sync_api = pytest.importorskip("playwright.sync_api")
AXE = os.environ.get("AXE_CORE")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.skipif(AXE is None, reason="AXE_CORE names no axe.min.js"),
]
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
        self.findings += [f"{state}-{self.kind}: {found}" for found in self.page.evaluate(SERIOUS)]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    with servers(tmp_path_factory.mktemp("served")) as at:
        yield at


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", ["desktop", "phone"])
def test_no_state_of_the_page_has_a_serious_finding(
    browser: sync_api.Browser, at: Addresses, window: str, scheme: str
) -> None:
    findings: list[str] = []
    for scene in SCENES:
        options = {"viewport": WINDOWS[window], "color_scheme": scheme, "bypass_csp": True}
        with browser.new_context(**options, has_touch=window == "phone") as context:
            inspector = Inspector(context.new_page(), f"{window}-{scheme}")
            scene(inspector, at)
            findings += inspector.findings
    assert not findings, "\n".join(findings)

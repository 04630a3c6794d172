"""Every test starts without telemetry, keys or network, with its own user folders."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# Read once, when the libraries that own them are imported: so they are set before anything else.
os.environ.update(
    ANONYMIZED_TELEMETRY="False",
    GRADIO_ANALYTICS_ENABLED="False",
    HF_HUB_OFFLINE="1",
    DO_NOT_TRACK="1",
    # The keyring of whoever runs the tests is none of their business.
    PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
    # OpenMP's threads wait for each other by spinning, which takes cores from other tests.
    OMP_NUM_THREADS="1",
)
# pytest-socket blocks this process; the discard port of loopback catches its children.
os.environ.update(
    dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    NO_PROXY="127.0.0.1,localhost",
    no_proxy="127.0.0.1,localhost",
)

import hypothesis
import pytest

from browsing import QUIET
from citation_offsets import every_citation_checked
from rag.embedding import onnx_session

if "PYTEST_XDIST_WORKER" in os.environ:
    onnx_session.THREADS = 1  # the workers fill the cores

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A shell starts what it puts into the background with Ctrl-C ignored, and programs hand that on.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about the machine than about the code.
# The suite judges changes, so it tries the same inputs every time;
# `--hypothesis-profile search` looks for new ones.
hypothesis.settings.register_profile("footnote", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("footnote")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no worker is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (item.path not in slow, -tests[item.path]))


@pytest.fixture(autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Points data, configuration and the default library at an empty folder, and removes keys.

    The cache folder stays the user's own: the embedder's graph in it is named by its hash, and
    building it for every test would cost seconds each.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith("FOOTNOTE_") and name != "FOOTNOTE_SHARED":
                patch.delenv(name)
            if name.endswith(("_API_KEY", "_API_TOKEN", "_AUTH_TOKEN")):
                patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("FOOTNOTE_LIBRARY", str(home / "library"))
        yield home


@pytest.fixture(autouse=True, scope="session")
def citations_are_found_again() -> Iterator[None]:
    """No test gets an answer whose quotations are not at their offsets."""
    with every_citation_checked():
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material that is not part of the project: originals, benchmarks, attacks."""
    folder = Path(os.environ.get("FOOTNOTE_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no shared material: {folder} is missing (FOOTNOTE_SHARED names another)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that is installed on this machine."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the path")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[object]:
    """One browser for the tests of a file."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()

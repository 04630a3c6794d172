"""Following feeds and watching folders from the command line, here and through a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from commands import footnote
from live_server import serving
from rag import load_settings, open_library
from ui.access import Access
from ui.service import Service
from web_site import Site, page, web_site

TEXT = "The ferry of Lund carries forty people and two carts over the river on every working day."
# Seconds that a change may take to arrive, on a machine that has much else to do.
PATIENCE = 90.0


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("FOOTNOTE_INSIDE_HOSTS", "127.0.0.1")
    monkeypatch.setenv("FOOTNOTE_FETCH_PAUSE", "0")
    with web_site() as made:
        made.put("/a", page("The ferry of Lund", TEXT))
        made.put("/feed", "<rss><item><link>/a</link></item></rss>", "application/rss+xml")
        yield made


@pytest.mark.parametrize("served", [False, True], ids=["here", "served"])
def test_a_feed_is_followed_refreshed_and_given_up(
    site: Site, tmp_path: Path, served: bool
) -> None:
    at = ("--library", tmp_path / "library")
    feed = f"{site.address}/feed"
    with ExitStack() as stack:
        if served:
            library = stack.enter_context(open_library(tmp_path / "library", create=True))
            service = Service(library, settings=load_settings())
            access = Access()
            address = stack.enter_context(serving(library, access=access, service=service))
            library.set_address(address, access.token)
        receipt = json.loads(footnote("follow", feed, "--json", *at).stdout)
        assert len(receipt["added"]) == 1 and receipt["failed"] == []
        assert footnote("follow", *at).stdout == f"{feed}\n"
        site.put("/a", page("The ferry of Lund", TEXT, "It was painted blue."))
        site.put("/feed", "<rss><item><link> /a </link></item></rss>", "application/rss+xml")
        said = footnote("refresh", *at)
        assert said.returncode == 0 and said.stdout.startswith("Added 0 articles, updated 1 in")
        stopped = footnote("follow", "--stop", feed, "--json", *at)
        assert json.loads(stopped.stdout) == {"followed": []}
        again = footnote("follow", "--stop", feed, *at)
        assert again.returncode == 1 and "is not followed" in again.stderr
        outgoing = json.loads(footnote("outgoing", "--json", *at).stdout)["outgoing"]
        assert outgoing == [], "nothing left this machine"


def test_what_may_not_be_fetched_is_told(tmp_path: Path) -> None:
    with web_site() as site:
        said = footnote("ingest", site.put("/a", "x"), "--library", tmp_path / "library")
        assert said.returncode == 1 and site.asked == []
    assert "Not read: http://127.0.0.1:" in said.stderr and "inside_hosts" in said.stderr


def test_a_watched_folder_is_kept_in_step(tmp_path: Path) -> None:
    folder, library = tmp_path / "articles", tmp_path / "library"
    folder.mkdir()
    (folder / "one.txt").write_text(TEXT)
    words = [sys.executable, "-m", "rag.cli", "ingest", "--watch", folder, "--library", library]
    process = subprocess.Popen(list(map(str, words)), env=dict(os.environ), text=True)
    try:
        wait_for(lambda: titles(library) == 1)
        (folder / "two.txt").write_text(TEXT.replace("Lund", "Malm"))
        wait_for(lambda: titles(library) == 2)
        (folder / "one.txt").unlink()
        wait_for(lambda: titles(library) == 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def test_only_what_is_there_can_be_watched(tmp_path: Path) -> None:
    said = footnote("ingest", "--watch", "https://a.example/", "--library", tmp_path / "library")
    assert said.returncode == 1 and "can be watched" in said.stderr


def titles(library: Path) -> int:
    """How many articles there are; -1 while the other process holds the library."""
    listed = footnote("articles", "--json", "--library", library)
    return len(json.loads(listed.stdout)["articles"]) if listed.returncode == 0 else -1


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)

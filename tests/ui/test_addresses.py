"""Web addresses and feeds that are pasted on the list of articles."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from browsing import visiting
from live_server import serving
from rag import Library, Settings, open_library
from tiny_embedder import TinySpanEmbedder
from ui.service import Service
from web_site import RSS, Site, feed, page, web_site

FERRY = "The ferry of Lund carries forty people and two carts over the river on every working day."
LOCK = "The lock of Lund was closed on Friday, because its lower gate has lost a hinge to the ice."


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        yield made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as opened:
        yield opened


@pytest.fixture
def address(library: Library) -> Iterator[str]:
    """A server that may fetch from this machine, where the site of the test is."""
    settings = Settings(library=library.path, inside_hosts=("127.0.0.1",), fetch_pause=0)
    with serving(library, service=Service(library, settings=settings)) as address:
        yield address


def titles(library: Library) -> list[str]:
    return sorted(article.source.title for article in library.articles())


def test_a_followed_feed_gives_what_is_new_at_the_next_look(
    library: Library, address: str, site: Site
) -> None:
    ferry = site.put("/ferry", page("The ferry", FERRY))
    news = site.put("/news", feed(ferry), RSS)
    with httpx.Client(base_url=f"{address}/api", trust_env=False, timeout=60) as client:
        added = client.post("/addresses", json={"address": news, "follow": True}).json()
        assert list(added["titles"].values()) == ["The ferry"]
        site.put("/news", feed(site.put("/lock", page("The lock", LOCK)), ferry), RSS)
        assert len(client.post("/refresh", json={}).json()["added"]) == 1
    assert titles(library) == ["The ferry", "The lock"]
    assert "Look again at 1 web address<" in httpx.get(f"{address}/articles", trust_env=False).text


def test_only_the_owner_adds_addresses_and_no_file_is_one(
    library: Library, address: str, site: Site, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n\nThe treaty was signed at night.\n", encoding="utf-8")
    with httpx.Client(base_url=f"{address}/api", trust_env=False, timeout=60) as client:
        for given in (str(secret), secret.as_uri(), "javascript:alert(1)", "http", ""):
            assert client.post("/addresses", json={"address": given}).status_code == 422
        asked = {"address": site.put("/ferry", page("The ferry", FERRY))}
        elsewhere = {"x-forwarded-for": "192.0.2.7"}
        assert client.post("/addresses", json=asked, headers=elsewhere).status_code == 403
        foreign = {"origin": "https://other.example"}
        assert client.post("/addresses", json=asked, headers=foreign).status_code == 403
    assert not library.articles() and not site.asked


def test_an_address_inside_is_refused_by_default(library: Library, site: Site) -> None:
    with serving(library) as address:
        asked = {"address": site.put("/ferry", page("The ferry", FERRY))}
        reply = httpx.post(f"{address}/api/addresses", json=asked, trust_env=False, timeout=60)
    assert reply.json()["failed"] and not site.asked


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pasted_addresses_become_articles_until_stop_is_pressed(
    browser: object, library: Library, address: str, site: Site
) -> None:
    asked, left = threading.Event(), threading.Event()

    def silent(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        left.wait(20)

    site.put("/robots.txt", "", "text/plain")
    ferry, lock = site.put("/ferry", page("The ferry", FERRY)), site.play("/lock", silent)
    with visiting(browser, address) as visit:
        shown = visit.page
        shown.goto(f"{address}/articles")
        box = shown.get_by_label("Paste web addresses or feeds")
        box.fill(f"{ferry}\n{lock}")
        box.press("Enter")
        shown.get_by_text("added “The ferry”").wait_for()
        assert asked.wait(20)
        shown.get_by_role("button", name="Stop").click()
        shown.get_by_text("Stopped. What was read by then is kept.").wait_for()
        left.set()
        assert not shown.locator(".receipt + button").count() and not box.input_value()
        shown.locator(".listing", has_text="The ferry").wait_for()
    assert titles(library) == ["The ferry"]

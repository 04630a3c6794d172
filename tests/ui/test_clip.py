"""Clipping: by the bookmarklet in a real browser, and what another site cannot do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import httpx
import pytest

from live_server import serving
from rag import Library, open_library
from tiny_embedder import TinySpanEmbedder
from web_site import Site, page, web_site

sync_api = pytest.importorskip("playwright.sync_api")

TEXT = "The ferry of Lund carries forty people and two carts over the river on every working day."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    path = tmp_path_factory.mktemp("clipped") / "library"
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def served(library: Library) -> Iterator[str]:
    with serving(library) as address:
        yield address


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        yield made


def bookmarklet(served: str) -> str:
    shown = httpx.get(f"{served}/clip", trust_env=False).text
    href = re.search(r'id="clip-bookmarklet" href="([^"]+)"', shown)
    assert href is not None
    return html.unescape(href[1]).removeprefix("javascript:")


@pytest.mark.browser
def test_a_page_is_clipped_as_it_is_shown(
    browser: sync_api.Browser, library: Library, served: str, site: Site
) -> None:
    # Shown to a visitor only, written by a script, on a site that allows no foreign code.
    address = site.put(
        "/members",
        page("The ferry of Lund", "<span id=more></span>")
        + f"<script nonce=x>more.textContent = {TEXT!r}</script>",
        content_security_policy="default-src 'none'; script-src 'nonce-x'",
    )
    with browser.new_context(bypass_csp=False) as context:
        shown = context.new_page()
        shown.goto(address)
        asked = len(site.asked)
        with context.expect_page() as opened:
            shown.evaluate(bookmarklet(served))
        window = opened.value
        window.locator("#clip-add").wait_for()
        assert window.locator("#clip-title").text_content() == "The ferry of Lund"
        assert window.locator("#clip-address").text_content() == address
        assert library.articles() == (), "nothing is added before the visitor agrees"
        window.locator("#clip-add").click()
        window.get_by_text("Added.").wait_for()
        (found,) = library.articles()
        assert TEXT in library.article(found.source.id).text
        assert found.source.url == address
        assert len(site.asked) == asked, "nothing was fetched"


@pytest.mark.browser
def test_a_site_cannot_hand_over_a_page_of_another(
    browser: sync_api.Browser, served: str, site: Site
) -> None:
    with browser.new_context() as context:
        evil = context.new_page()
        evil.goto(site.put("/evil", page("Evil", TEXT)))
        with context.expect_page() as opened:
            evil.evaluate(f"window.w = open('{served}/clip')")
        window = opened.value
        window.wait_for_load_state()
        evil.evaluate(f"w.postMessage({{address: 'https://news.example/', html: 'x'}}, '{served}')")
        evil.evaluate(f"w.postMessage({{address: 7, html: 'x'}}, '{served}')")
        evil.evaluate("w.postMessage(null, '*')")
        assert window.locator("#clip-page").is_hidden()
        # It cannot read the token either.
        with pytest.raises(sync_api.Error, match="cross-origin"):
            evil.evaluate("w.document.body.innerHTML")


def test_without_the_token_nothing_is_added(library: Library, served: str) -> None:
    before = library.articles()
    body = {"address": "https://news.example/a", "html": page("Title", TEXT)}
    with httpx.Client(base_url=served, trust_env=False, timeout=60) as client:
        for headers in ({}, {"x-footnote-token": "guess"}, {"x-footnote-token": "gu\u00e9ss"}):
            encoded = {name: value.encode("latin-1") for name, value in headers.items()}
            reply = client.post("/clip", json=body, headers=encoded)
            assert (reply.status_code, reply.json()["error"]["kind"]) == (403, "Forbidden")
        token = re.search(r'data-token="([^"]+)"', client.get("/clip").text)
        assert token is not None
        known = {"x-footnote-token": token[1]}
        foreign = client.post("/clip", json=body, headers={**known, "origin": "https://a.example"})
        assert foreign.status_code == 403
        forwarded = {**known, "x-forwarded-for": "9.9.9.9"}
        assert client.post("/clip", json=body, headers=forwarded).status_code == 403
        assert client.get("/clip", headers=forwarded).status_code == 403
        assert library.articles() == before
        receipt = client.post("/clip", json=body, headers=known).json()
        assert len(receipt["added"]) == 1
        wrong = client.post("/clip", json={**body, "address": "file:///a"}, headers=known).json()
        assert "http" in wrong["failed"][0]["reason"]


def test_only_this_window_may_talk_to_its_opener(served: str) -> None:
    header = "cross-origin-opener-policy"
    with httpx.Client(base_url=served, trust_env=False, timeout=60) as client:
        assert client.get("/clip").headers[header] == "unsafe-none"
        assert client.get("/articles").headers[header] == "same-origin"


def test_a_large_page_fits(served: str) -> None:
    large = {"address": "x", "html": "x" * 2_000_000}
    with httpx.Client(base_url=served, trust_env=False, timeout=60) as client:
        assert client.post("/clip", json=large).json()["error"]["kind"] == "Forbidden"
        assert client.post("/clip", content=b" " * 50_000_001).status_code == 413

"""One server over several libraries: each in its place, none seen from another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from browsing import visiting
from live_server import serving
from rag import Settings
from small_library import small_library, write_articles
from ui.command import _libraries_in
from ui.service import Service
from ui.visitor import Visitor, places_for

PARIS = "# Paris floods\n\nThe Seine rose by two metres on Sunday.\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("several")
    (folder / "paris").mkdir()
    (folder / "paris" / "paris.md").write_text(PARIS, encoding="utf-8")
    sources = [write_articles(folder / "articles"), folder / "paris"]
    places = places_for([folder / "North Sea", folder / "France"])
    with ExitStack() as stack:
        services = [
            Service(
                stack.enter_context(small_library(source, folder / "libraries" / place.name)),
                settings=Settings(library=folder / "libraries" / place.name),
                visitor=Visitor(place, places),
            )
            for source, place in zip(sources, places, strict=True)
        ]
        first, second = services
        yield stack.enter_context(serving(first.library, service=first, others=[second]))


def test_places_are_named_after_folders_and_differ() -> None:
    found = places_for([Path("/a/News"), Path("/b/News"), Path("/c/Été 24"), Path("/d/news!")])
    assert [place.name for place in found] == ["News", "News (2)", "Été 24", "news!"]
    assert [place.base for place in found] == ["", "/in/news-2", "/in/t-24", "/in/news"]


def test_a_folder_of_libraries_stands_for_them(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "catalog.sqlite3").touch()
    assert _libraries_in(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert _libraries_in(tmp_path / "a") == [tmp_path / "a"]
    assert _libraries_in(tmp_path / "new") == [tmp_path / "new"]


def test_each_library_has_its_own_pages_and_interface(address: str) -> None:
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        france = client.get("/in/france/articles").text
        assert "Paris floods" in france and "Harbour" not in france
        assert 'href="/articles"' in france and 'action="/in/france/articles"' in france
        assert "Paris" not in client.get("/articles").text
        assert client.get("/in/france").headers["location"] == "/in/france/"
        (only,) = client.get("/in/france/api/articles").json()["articles"]
        assert client.get(f"/api/articles/{only['id']}").status_code == 404
        assert client.get("/in/spain/articles").status_code == 404
        foreign = {"origin": "https://evil.example"}
        assert client.post("/in/france/api/ask", json={}, headers=foreign).status_code == 403


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_switch_leads_to_a_library_that_is_asked_by_itself(
    address: str, browser: object
) -> None:
    with visiting(browser, address) as visit:
        page = visit.page
        page.locator(".libraries summary").click()
        page.locator(".libraries a", has_text="France").click()
        page.wait_for_url(f"{address}/in/france/")
        page.locator(".footer").get_by_text("1 article").wait_for()
        visit.ask("How much did the Seine rise?")
        footnote = page.locator("a.footnote").first
        assert str(footnote.get_attribute("href")).startswith("/in/france/articles/")
        footnote.click()
        page.locator("#source mark", has_text="two metres").wait_for()
        page.wait_for_url(f"{address}/in/france/?conversation=*")
        link = page.locator("#conversations li > a", has_text="Seine")
        assert link.evaluate("link => getComputedStyle(link).textDecorationLine") == "none"
        listed = page.request.get(f"{address}/api/conversations").json()
        assert listed["conversations"] == []

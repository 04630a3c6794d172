"""Choices of articles get a name, and are asked by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from browsing import visiting
from live_server import serving
from rag import CollectionUnknown, Filters, Library, SettingsError
from small_library import small_library, write_articles
from ui.filters import apply_form_change, chosen_chips, without_chip


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with small_library(write_articles(tmp_path / "articles"), tmp_path / "library") as library:
        yield library


def ids(library: Library) -> list[str]:
    return [summary.source.id for summary in library.articles()]


def test_a_collection_holds_the_articles_that_are_still_there(library: Library) -> None:
    collections, (first, second) = library.collections, ids(library)
    assert (
        collections.save("  Both\n of them ", [first, second, first, "unknown"]) == "Both of them"
    )
    assert collections.all() == {"Both of them": (first, second)}
    library.remove([first])
    assert collections.all() == {"Both of them": (second,)}
    collections.save("Both of them", [second])
    collections.delete("Both of them")
    assert collections.all() == {} and ids(library) == [second]
    with pytest.raises(CollectionUnknown):
        collections.delete("Both of them")
    for name, chosen in (("", [second]), ("x" * 81, [second]), ("Gone", [first])):
        with pytest.raises(SettingsError):
            collections.save(name, chosen)


def test_many_articles_are_one_chip() -> None:
    many = Filters(articles=tuple("abcd"), publishers=("P",))
    publisher, articles = chosen_chips(many, {})
    assert (publisher.label, articles.label) == ("P", "in 4 articles")
    assert without_chip(many, articles) == Filters(publishers=("P",))
    assert len(chosen_chips(Filters(articles=tuple("abc")), {})) == 3


def test_a_collection_in_the_form_chooses_its_articles() -> None:
    before = Filters(articles=("z",), publishers=("P",))
    known = {"Two": ("a", "b")}
    chosen = apply_form_change(before, {"field": "collection", "value": "Two"}, known)
    assert chosen == Filters(articles=("a", "b"), publishers=("P",))
    for value in ("Three", "", None):
        assert apply_form_change(before, {"field": "collection", "value": value}, known) == before


def test_collections_over_http_belong_to_the_owner(library: Library) -> None:
    first = ids(library)[0]
    with (
        serving(library) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        path = "/api/collections"
        body = {"name": "a/b?<i>", "articles": [first]}
        elsewhere = {"x-forwarded-for": "192.0.2.7"}
        assert client.post(path, json=body, headers=elsewhere).status_code == 403
        assert client.post(path, json=body).json() == {"name": "a/b?<i>"}
        assert client.get(path).json()["collections"] == [body]
        assert client.get(path, headers=elsewhere).status_code == 403
        assert "a/b?&lt;i&gt;" in client.get("/articles").text
        assert "a/b" not in client.get("/articles", headers=elsewhere).text
        gone = client.request("DELETE", path, json={"name": "a/b?<i>"})
        assert gone.json() == {"deleted": "a/b?<i>"}
        assert client.request("DELETE", path, json={"name": "x"}).status_code == 404


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_choice_is_named_and_asked_alone(browser: object, library: Library) -> None:
    with (
        serving(library) as address,
        visiting(browser, address) as visit,
    ):
        page = visit.page
        page.goto(f"{address}/articles")
        page.locator(".listing li", has_text="Tarn").locator("input").check()
        page.get_by_role("button", name="Save choice…").click()
        page.locator("#collection-name").fill("Trees & <b>towns</b>")
        page.keyboard.press("Enter")
        link = page.locator(".collections a")
        link.wait_for()
        assert link.inner_text() == "Trees & <b>towns</b> (1)"
        link.click()
        page.locator("#active-filters button.chip").wait_for()
        visit.ask("When did the harbour of Esk reopen?")
        assert page.locator(".refusal").count() == 1
        page.locator("details.filter > summary").click()
        select = page.locator("select[data-field=collection]")
        assert select.locator("option").nth(1).inner_text() == "Trees & <b>towns</b> (1)"
        page.goto(f"{address}/articles")
        page.locator("[data-forget]").click()
        page.locator(".collections li a").wait_for(state="detached")
        assert library.collections.all() == {}

"""Thumbs up and down below an answer, over HTTP and in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from browsing import visiting
from live_server import serving
from rag import Library
from small_library import QUESTION, ask, small_library, write_articles


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with small_library(write_articles(tmp_path / "articles"), tmp_path / "library") as library:
        yield library


def test_judgments_over_http_belong_to_the_owner(library: Library) -> None:
    conversation, _ = library.conversations.append(ask(library))
    with (
        serving(library) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        place = f"/api/feedback/{conversation}/1"
        given = client.put(place, json={"good": False, "reason": "not_said"}).json()
        assert given["reason"] == "not_said"
        assert client.get(f"/api/feedback/{conversation}").json()["feedback"] == [given]
        told = client.get("/api/feedback").json()
        assert told["left_out"] == 0 and told["cases"][0]["answerable"] is False
        assert client.put(place, json={"good": False, "reason": "ugly"}).status_code == 400
        assert client.put(f"{place}1", json={"good": True}).status_code == 404
        elsewhere = {"x-forwarded-for": "192.0.2.7"}
        for path in ("/api/feedback", f"/api/feedback/{conversation}"):
            assert client.get(path, headers=elsewhere).status_code == 403
        assert client.put(place, json={"good": True}, headers=elsewhere).status_code == 403
        assert client.delete(place).status_code == 200
        assert client.get(f"/api/feedback/{conversation}").json()["feedback"] == []


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_judgment_stays_with_the_answer(browser: object, library: Library) -> None:
    with (
        serving(library) as address,
        visiting(browser, address) as visit,
    ):
        page = visit.page
        visit.ask(QUESTION)
        bad = page.locator("[data-judge=bad][aria-pressed]")
        bad.click()
        page.locator("[data-reason=wrong]").click()
        page.locator("[data-reason=wrong][aria-pressed=true]").wait_for()
        page.get_by_text("Thank you.").wait_for()
        assert library.conversations.feedback.of()[0].reason == "wrong"
        page.locator(".judgment input").fill("<b>Boats</b> left at dawn")
        page.get_by_role("button", name="Send").click()
        page.locator(".judgment input").wait_for(state="detached")
        (given,) = library.conversations.feedback.of()
        assert (given.good, given.reason, given.note) == (
            *(False, "wrong"),
            "<b>Boats</b> left at dawn",
        )
        page.reload()
        page.locator("[data-judge=bad][aria-pressed=true]").wait_for()
        page.locator("[data-judge=good][aria-pressed=false]").click()
        page.locator("[data-judge=good][aria-pressed=true]").wait_for()
        assert [given.good for given in library.conversations.feedback.of()] == [True]
        assert page.locator("[data-judge=bad]").get_attribute("aria-pressed") == "false"
        page.locator("[data-judge=good]").click()
        page.locator("[data-judge=good][aria-pressed=false]").wait_for()
        assert library.conversations.feedback.of() == ()

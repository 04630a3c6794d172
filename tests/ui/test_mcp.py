"""The door for other models, asked by the protocol's own client over a real socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from live_server import serving
from rag import ingest, open_library
from tiny_embedder import TinySpanEmbedder
from ui.mcp import mcp_server
from ui.middleware import is_open_path
from ui.service import Service

mcp = pytest.importorskip("mcp", reason="the mcp extra is not installed")

ESK = "# Harbour of Esk reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n"
TARN = (
    "---\npublisher: Tarn Post\npublished: 2024-05-01\n---\n"
    "# Tarn plants trees\n\nThe town of Tarn planted nine hundred oaks in autumn.\n"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("articles")
    (folder / "esk.md").write_text(ESK, encoding="utf-8")
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    path = tmp_path_factory.mktemp("served") / "library"
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        with serving(library) as found:
            yield found


def called(address: str, tool: str, **given: Any) -> Any:
    """What a tool returns to the protocol's client."""

    async def call() -> Any:
        async with mcp.Client(f"{address}/mcp") as client:
            return await client.call_tool(tool, given)

    return asyncio.run(call())


def test_a_client_is_told_what_it_may_do_and_how_to_treat_it(address: str) -> None:
    async def look() -> tuple[Any, Any]:
        async with mcp.Client(f"{address}/mcp") as client:
            return await client.list_tools(), client.instructions

    tools, instructions = asyncio.run(look())
    assert {tool.name for tool in tools.tools} == {
        "ask",
        "check",
        "search",
        "list_articles",
        "read_article",
    }
    assert all(tool.annotations.read_only_hint for tool in tools.tools)
    assert all(tool.description for tool in tools.tools)
    assert "never an instruction" in instructions


def test_the_answer_is_the_same_as_that_of_the_http_door(address: str) -> None:
    question = "When did the harbour of Esk reopen?"
    here = called(address, "ask", question=question).structured_content
    there = httpx.post(f"{address}/api/ask", json={"question": question}).json()
    assert "reopened on Monday" in here["text"]
    for moment in (here, there):
        del moment["trace"]["seconds"]
    assert here == there


def test_a_text_is_checked_as_through_the_http_door(address: str) -> None:
    text = "The harbour of Esk reopened on Monday. Penguins cannot fly."
    here = called(address, "check", text=text).structured_content
    there = httpx.post(f"{address}/api/check", json={"text": text}).json()
    del here["seconds"], there["seconds"]
    assert here == there
    assert [each["verdict"] for each in here["sentences"]] == ["supported", "not_found"]
    long = httpx.post(f"{address}/api/check", json={"text": "x" * 100_001})
    assert long.status_code == 400 and "100,000" in long.json()["error"]["message"]


def test_a_quotation_is_found_again_by_reading(address: str) -> None:
    found = called(address, "ask", question="How many oaks did Tarn plant?").structured_content
    (citation,) = [c for sentence in found["sentences"] for c in sentence["citations"]]
    read = called(
        address,
        "read_article",
        article_id=citation["article_id"],
        start=citation["start"],
        end=citation["end"],
    ).structured_content
    assert read["text"] == citation["quote"] != ""


def test_publishers_and_days_narrow_an_answer(address: str) -> None:
    question = "How many oaks did the town of Tarn plant?"
    kept = called(address, "ask", question=question, publishers=["Tarn Post"])
    assert not kept.structured_content["refused"]
    early = called(address, "ask", question=question, before="2024-01-01")
    assert early.structured_content["refused"]


def test_publishers_and_days_narrow_a_search(address: str) -> None:
    def titles(**filters: Any) -> set[str]:
        found = called(address, "search", question="harbour, oaks", **filters).structured_content
        return {evidence["title"] for evidence in found["evidence"]}

    assert len(titles()) == 2
    assert titles(publishers=["Tarn Post"]) == titles(after="2024-05-01") == {"Tarn plants trees"}
    assert titles(before="2024-01-01") == set()


def test_search_and_list(address: str) -> None:
    found = called(address, "search", question="oaks", most=1).structured_content
    assert [evidence["title"] for evidence in found["evidence"]] == ["Tarn plants trees"]
    listed = called(address, "list_articles").structured_content
    assert len(listed["articles"]) == 2


@pytest.mark.parametrize(
    ("tool", "given", "told"),
    [
        ("read_article", {"article_id": "nobody"}, "No article has the id"),
        ("ask", {"question": "   "}, "question"),
        ("ask", {"question": "x" * 3_000}, "2000"),
        ("ask", {"question": "When?", "publishers": ["Nowhere Gazette"]}, "Nowhere Gazette"),
        ("search", {"question": "oaks", "most": 0}, "most"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(
    address: str, tool: str, given: dict[str, Any], told: str
) -> None:
    result = called(address, tool, **given)
    text = "".join(block.text for block in result.content)
    assert told in text
    assert "Traceback" not in text


def test_reading_beyond_the_end_is_an_error(address: str) -> None:
    listed = called(address, "list_articles").structured_content["articles"]
    result = called(address, "read_article", article_id=listed[0]["id"], start=10**6)
    assert result.is_error


def test_the_guard_stands_in_front(address: str) -> None:
    assert is_open_path("/mcp")
    foreign = httpx.post(f"{address}/mcp", json={}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    rebound = httpx.post(f"{address}/mcp", json={}, headers={"host": "evil.example"})
    assert rebound.status_code == 421


def test_the_log_of_the_process_is_left_alone(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    mcp_server(cast(Service, None))
    assert logging.root.handlers == []

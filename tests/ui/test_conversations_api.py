"""Kept conversations over HTTP, and who may see them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote

import httpx
import pytest

from live_server import serving
from rag import Library, ingest, open_library
from rag.settings import Settings
from tiny_embedder import TinySpanEmbedder
from ui.service import Service

ESK = "# Harbour of Esk reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n"
QUESTION = "When did the harbour of Esk reopen?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("kept")
    (folder / "esk.md").write_text(ESK, encoding="utf-8")
    with open_library(folder / "library", embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder / "esk.md"], library=library)
        yield library


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with serving(library) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


def ask(client: httpx.Client, conversation: str = "new", **more: object) -> dict[str, object]:
    body = {"question": QUESTION, "conversation": conversation, **more}
    reply = client.post("/api/ask", json=body)
    assert reply.status_code == 200, reply.text
    told: dict[str, object] = reply.json()["conversation"]
    return told


def test_kept_shown_found_renamed_exported_deleted(client: httpx.Client) -> None:
    first = ask(client)
    kept = f"/api/conversations/{first['id']}"
    assert ask(client, "last", filters={"not_articles": ["x"]}) == {"id": first["id"], "number": 2}
    told = client.get(kept).json()
    assert [turn["number"] for turn in told["turns"]] == [1, 2]
    assert told["turns"][1]["filters"]["not_articles"] == ["x"]
    assert told["turns"][0]["answer"]["sentences"][0]["citations"][0]["n"] == 1
    for words, found in (("MONDAY", 1), ("kangaroo", 0)):
        listed = client.get("/api/conversations", params={"search": words}).json()
        assert len(listed["conversations"]) == found and listed["keeps"]
    renamed = client.patch(kept, json={"title": 'A "title"\r\nof ours'})
    assert renamed.json()["title"] == 'A "title" of ours'
    written = client.get(f"{kept}/export")
    assert written.headers["content-type"] == "text/markdown; charset=utf-8"
    assert written.headers["content-disposition"] == 'attachment; filename="a-title-of-ours.md"'
    assert "[^2-1]: " in written.text
    as_json = client.get(f"{kept}/export", params={"format": "json"})
    assert json.loads(as_json.text) == client.get(kept).json()
    assert client.delete(kept).json() == {"deleted": first["id"]}
    assert client.get(kept).status_code == 404


def test_a_saved_conversation_keeps_the_letters_of_its_title(client: httpx.Client) -> None:
    kept = f"/api/conversations/{ask(client)['id']}"
    client.patch(kept, json={"title": "Über die Brücke: мост_1?"})
    header = client.get(f"{kept}/export").headers["content-disposition"]
    named = header.removeprefix("attachment; filename*=UTF-8''")
    assert unquote(named) == "über-die-brücke-мост-1.md"
    client.delete(kept)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/none", None, 404),
        ("GET", "/last", None, 404),
        ("GET", "/none/export", None, 404),
        ("GET", "/none/export?format=exe", None, 422),
        ("GET", "?most=0", None, 422),
        ("GET", "?search=" + "x" * 300, None, 422),
        ("PATCH", "/none", {"title": "x"}, 404),
        ("PATCH", "/none", {}, 422),
        ("DELETE", "/none", None, 404),
        ("DELETE", "/%27%20OR%201%3D1", None, 404),
    ],
)
def test_what_is_not_there_gets_a_reason(
    client: httpx.Client, method: str, path: str, body: object, status: int
) -> None:
    reply = client.request(method, "/api/conversations" + path, json=body)
    assert reply.status_code == status and reply.json()["error"]["message"]


def test_a_title_has_to_be_one(client: httpx.Client) -> None:
    kept = ask(client)["id"]
    for title in ("", " ", "x" * 121):
        reply = client.patch(f"/api/conversations/{kept}", json={"title": title})
        assert reply.status_code == 400
    client.delete(f"/api/conversations/{kept}")


def test_others_than_the_owner_see_and_keep_nothing(client: httpx.Client) -> None:
    kept = ask(client)["id"]
    stranger = {"x-forwarded-for": "192.0.2.7"}
    for method, path in (
        ("GET", ""),
        ("GET", f"/{kept}"),
        ("GET", f"/{kept}/export"),
        ("PATCH", f"/{kept}"),
        ("DELETE", f"/{kept}"),
    ):
        reply = client.request(
            method, "/api/conversations" + path, json={"title": "x"}, headers=stranger
        )
        assert reply.status_code == 403 and QUESTION not in reply.text
    body = {"question": QUESTION, "conversation": kept}
    assert client.post("/api/ask", json=body, headers=stranger).status_code == 403
    removal = {"ids": [client.get("/api/articles").json()["articles"][0]["id"]]}
    assert client.post("/api/remove", json=removal, headers=stranger).status_code == 403
    del body["conversation"]
    assert client.post("/api/ask", json=body, headers=stranger).status_code == 200
    assert client.get(f"/api/conversations/{kept}").json()["turns"][0]["question"] == QUESTION


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"}])
def test_another_site_may_not_change_them(client: httpx.Client, headers: dict[str, str]) -> None:
    kept = f"/api/conversations/{ask(client)['id']}"
    assert client.delete(kept, headers=headers).status_code == 403
    assert client.patch(kept, json={"title": "x"}, headers=headers).status_code == 403
    assert client.get(kept, headers={"host": "evil.example"}).status_code == 421
    assert client.delete(kept).status_code == 200


def test_where_none_are_kept_none_are_kept(library: Library) -> None:
    settings = Settings(library=library.path, keep_conversations=False)
    with serving(library, service=Service(library, settings=settings)) as address:
        before = library.conversations.search()
        body = {"question": QUESTION, "conversation": "new"}
        reply = httpx.post(f"{address}/api/ask", json=body, trust_env=False)
        assert reply.status_code == 400 and "keep_conversations" in reply.text
        assert library.conversations.search() == before
        listed = httpx.get(f"{address}/api/conversations", trust_env=False).json()
        assert listed["keeps"] is False

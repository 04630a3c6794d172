"""The HTTP API and the article pages, asked over a real socket."""

from __future__ import annotations

import json
import logging
import socket
import threading
from pathlib import Path

import httpx
import pytest

from live_server import serving
from rag import (
    BackendError,
    BackendSettings,
    FootnoteError,
    LibraryBusy,
    PolicyRefused,
    QuestionError,
    Settings,
    ingest,
    open_library,
)
from scripted_server import Asked, Wire, scripted
from tiny_embedder import TinySpanEmbedder
from ui.access import Access
from ui.api import status_of
from ui.service import Service

ESK = "# Harbour of Esk reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n"
TARN = "# Tarn plants trees\n\nThe town of Tarn planted nine hundred oaks in autumn.\n"


class BrokenService(Service):
    """One whose answers fail in a way that nobody foresaw."""

    def ask(self, question: str, **known: object) -> object:  # type: ignore[override]
        raise RuntimeError("secret inner state")


def test_a_client_that_hangs_up_ends_the_work(folder: Path, tmp_path: Path) -> None:
    asked_of, noticed = threading.Event(), threading.Event()

    def play(wire: Wire, asked: Asked) -> None:
        asked_of.set()
        if wire.gone(10):
            noticed.set()

    with (
        scripted(play) as server,
        open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as library,
    ):
        ingest([folder], library=library)
        own = BackendSettings(name="m", base_url=server.address, model="tiny", location="local")
        chosen = Settings(library=library.path, backend=("m",), backends=(own,))
        with serving(library, service=Service(library, settings=chosen)) as address:
            host = address.removeprefix("http://")
            body = json.dumps({"question": "When did the harbour of Esk reopen?"})
            head = f"Host: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as asking:
                asking.sendall(f"POST /api/ask HTTP/1.1\r\n{head}\r\n\r\n{body}".encode())
                assert asked_of.wait(30)
            assert noticed.wait(10)


def test_health_counts_the_articles(client: httpx.Client) -> None:
    told = client.get("/api/health").json()
    assert told.pop("instance")
    assert told == {"status": "ok", "articles": 2}


def test_an_answer_comes_as_json_and_its_links_lead_to_the_quote(client: httpx.Client) -> None:
    reply = client.post("/api/ask", json={"question": "When did the harbour of Esk reopen?"})
    told = reply.json()
    assert reply.status_code == 200 and not told["refused"]
    citation = told["sentences"][0]["citations"][0]
    text = client.get(f"/api/articles/{citation['article_id']}").json()["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert f">{citation['quote']}</mark>" in client.get(citation["link"]).text


def test_a_question_too_many_is_told_when_to_come_back(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.answer_pool.MAX_UNFINISHED_ANSWERS", 0)
    reply = client.post("/api/ask", json={"question": "When did the harbour reopen?"})
    assert reply.status_code == 503 and int(reply.headers["retry-after"]) > 0
    error = reply.json()["error"]
    assert error["kind"] == "Busy" and "Ask again in about" in error["message"]


def test_filters_restrict(client: httpx.Client) -> None:
    esk = next(a for a in client.get("/api/articles").json()["articles"] if "Esk" in a["title"])
    body = {"question": "When did the harbour reopen?", "filters": {"not_articles": [esk["id"]]}}
    told = client.post("/api/ask", json=body).json()
    assert esk["id"] not in {item["article_id"] for item in told["evidence"]}


def test_articles_are_listed_as_the_command_line_lists_them(client: httpx.Client) -> None:
    found = client.get("/api/articles").json()["articles"]
    assert {"id", "title", "publisher", "published", "origin", "passages"} <= set(found[0])
    assert [item["title"] for item in found] == ["Harbour of Esk reopens", "Tarn plants trees"]


def test_ingest_takes_articles_in_and_out(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "esk.md").write_text(ESK, encoding="utf-8")
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    with (
        open_library(tmp_path / "l", embedder=TinySpanEmbedder(), create=True) as library,
        serving(library, access=Access(folders=(folder,))) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        receipt = client.post("/api/ingest", json={"paths": [str(folder)]}).json()
        assert len(receipt["added"]) == 2 and receipt["failed"] == []
        again = client.post("/api/ingest", json={"paths": [str(folder)]}).json()
        assert sorted(again["unchanged"]) == sorted(receipt["added"])
        (folder / "tarn.md").unlink()
        pruned = client.post("/api/ingest", json={"paths": [str(folder)], "prune": True}).json()
        assert len(pruned["removed"]) == 1
        assert client.get("/api/health").json()["articles"] == 1


@pytest.mark.parametrize(
    "header",
    [
        *("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-real-ip"),
        *("Via", "CF-Connecting-IP", "True-Client-IP", "x-client-ip", "x-envoy-external-address"),
    ],
)
def test_ingest_is_not_for_those_behind_a_proxy(
    client: httpx.Client, folder: Path, header: str
) -> None:
    reply = client.post("/api/ingest", json={"paths": [str(folder)]}, headers={header: "127.0.0.1"})
    assert reply.status_code == 403


@pytest.mark.parametrize(("version", "status"), [("1.0", b"403"), ("1.1", b"200")])
def test_a_proxy_that_sends_no_header_shows_by_its_version_of_http(
    client: httpx.Client, version: str, status: bytes
) -> None:
    host, port = client.base_url.host, client.base_url.port or 80
    request = f"GET /api/conversations HTTP/{version}\r\nHost: {host}:{port}\r\n\r\n"
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(request.encode())
        assert connection.recv(100).split()[1] == status


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        ("/api/ask", {"question": ""}, 400, "QuestionError"),
        ("/api/ask", {"question": "x " * 10_000}, 400, "QuestionError"),
        ("/api/ask", {"question": "Why?", "backend": "no such"}, 400, "SettingsError"),
        ("/api/ask", {}, 422, "BadRequest"),
        ("/api/ask", {"question": 7}, 422, "BadRequest"),
        ("/api/ask", {"question": "Why?", "colour": "red"}, 422, "BadRequest"),
        ("/api/ask", {"question": "Why?", "filters": {"after": "soon"}}, 422, "BadRequest"),
        ("/api/ingest", {"paths": []}, 422, "BadRequest"),
    ],
)
def test_bad_requests_get_a_reason(
    client: httpx.Client, path: str, body: dict[str, object], status: int, kind: str
) -> None:
    reply = client.post(path, json=body)
    assert reply.status_code == status
    assert reply.json()["error"]["kind"] == kind
    assert reply.json()["error"]["message"]


def test_broken_json_and_unknown_things_get_a_reason(client: httpx.Client) -> None:
    broken = client.post("/api/ask", content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 422 and "error" in broken.json()
    unknown = client.get("/api/articles/none")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["kind"] == "ArticleUnknown"
    assert client.get("/api/nothing").json()["error"]["kind"] == "NotFound"


def test_an_unforeseen_error_is_neutral_outside_and_whole_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        open_library(tmp_path / "l", embedder=TinySpanEmbedder(), create=True) as library,
        serving(library, service=BrokenService(library)) as address,
        caplog.at_level(logging.ERROR),
    ):
        reply = httpx.post(f"{address}/api/ask", json={"question": "Why?"}, trust_env=False)
    assert reply.status_code == 500
    assert "secret" not in reply.text and "Traceback" not in reply.text
    assert reply.headers["content-security-policy"]
    assert "secret inner state" in caplog.text


def test_the_kind_of_an_error_decides_its_status() -> None:
    assert status_of(QuestionError("empty")) == 400
    assert status_of(LibraryBusy("x", "process 1")) == 409
    assert status_of(PolicyRefused("local", "mine")) == 403
    assert status_of(BackendError("mine", "down")) == 502
    assert status_of(FootnoteError("other")) == 500


def test_pages_of_articles(client: httpx.Client) -> None:
    listed = client.get("/articles")
    assert "Harbour of Esk reopens" in listed.text and "2 articles" in listed.text
    for odd in ("0", "-3", "99", "x"):
        assert client.get("/articles", params={"page": odd}).status_code == 200
    article_id = client.get("/api/articles").json()["articles"][0]["id"]
    for span in ("start=x&end=5", "start=1", "start=5&end=99999999999999999"):
        page = client.get(f"/articles/{article_id}?{span}")
        assert page.status_code == 200 and "nothing is marked" in page.text
    missing = client.get("/articles/%3Cscript%3E")
    assert missing.status_code == 404 and "<script>" not in missing.text
    assert client.get("/articles/none/excerpt").status_code == 404


def test_the_chat_page_holds_no_text_of_an_article(client: httpx.Client) -> None:
    assert "Esk" not in client.get("/").text


def test_static_files_do_not_lead_out(client: httpx.Client) -> None:
    assert client.get("/footnote/page.css").status_code == 200
    for path in ("../command.py", "..%2fcommand.py", "%2e%2e/command.py", "/etc/passwd"):
        reply = client.get(f"/footnote/{path}")
        assert reply.status_code in (400, 404), path
        assert "def serve" not in reply.text


def test_what_left_the_machine_is_listed(address: str) -> None:
    assert httpx.get(f"{address}/api/outgoing").json() == {"outgoing": []}


def test_a_question_may_narrow_where_text_goes(address: str) -> None:
    asked = {"question": "When did the harbour reopen?", "text_may_go_to": "nowhere at all"}
    response = httpx.post(f"{address}/api/ask", json=asked)
    assert response.status_code == 400 and "text_may_go_to" in response.text

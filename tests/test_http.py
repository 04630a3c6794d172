"""The HTTP door and its doorkeeper, asked over a real socket."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from folders import ATTACKS, lines_of
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
from scripted import Asked, Wire, scripted
from served import serving
from tiny_embedder import TinySpanEmbedder
from ui.api import status_of
from ui.command import _check_host
from ui.html_shell import content_security_policy, patch_index_html
from ui.middleware import is_open_path, parse_host_name
from ui.server import address_of, listening_socket
from ui.service import Service

ESK = "# Harbour of Esk reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n"
TARN = "# Tarn plants trees\n\nThe town of Tarn planted nine hundred oaks in autumn.\n"


class BrokenService(Service):
    """One whose answers fail in a way that nobody foresaw."""

    def ask(self, question: str, **known: object) -> object:  # type: ignore[override]
        raise RuntimeError("secret inner state")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "esk.md").write_text(ESK, encoding="utf-8")
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("served") / "library"
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        with serving(library) as address:
            yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


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


# -- the interface ------------------------------------------------------------------------------


def test_health_counts_the_articles(client: httpx.Client) -> None:
    assert client.get("/api/health").json() == {"status": "ok", "articles": 2}


def test_an_answer_comes_as_json_and_its_links_lead_to_the_quote(client: httpx.Client) -> None:
    reply = client.post("/api/ask", json={"question": "When did the harbour of Esk reopen?"})
    told = reply.json()
    assert reply.status_code == 200 and not told["refused"]
    citation = told["sentences"][0]["citations"][0]
    text = client.get(f"/api/articles/{citation['article_id']}").json()["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert f">{citation['quote']}</mark>" in client.get(citation["link"]).text


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
        serving(library) as address,
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


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_ingest_is_not_for_those_behind_a_proxy(
    client: httpx.Client, folder: Path, header: str
) -> None:
    reply = client.post("/api/ingest", json={"paths": [str(folder)]}, headers={header: "127.0.0.1"})
    assert reply.status_code == 403


# -- errors -------------------------------------------------------------------------------------


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


# -- pages --------------------------------------------------------------------------------------


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


# -- the doorkeeper --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/articles", "/api/health", "/footnote/page.js", "/none"])
def test_every_reply_lets_nothing_in_from_outside(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "http" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_chat_page_blesses_its_own_scripts_once() -> None:
    page = patch_index_html("<html><head><script>1</script></head></html>", "abc")
    assert page.count('<script nonce="abc"') == 1
    assert "'nonce-abc'" in content_security_policy("abc")
    assert "unsafe" not in content_security_policy(None)


def test_the_nonce_changes_and_fits_the_policy(client: httpx.Client) -> None:
    seen = set()
    for _ in range(3):
        reply = client.get("/")
        nonce = reply.text.split('<script nonce="')[1].split('"')[0]
        assert f"'nonce-{nonce}'" in reply.headers["content-security-policy"]
        assert "og:image" not in reply.text
        seen.add(nonce)
    assert len(seen) == 3


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::2]", "a@b:"])
def test_a_foreign_host_name_is_refused(client: httpx.Client, host: str) -> None:
    for path in ("/", "/api/articles", "/articles"):
        reply = client.get(path, headers={"host": host})
        assert reply.status_code in (400, 421)
        assert "Esk" not in reply.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    ids=["origin", "null", "fetch"],
)
@pytest.mark.parametrize("path", ["/api/ask", "/api/ingest", "/gradio_api/queue/join"])
def test_another_site_may_change_nothing(
    client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    assert client.post(path, json={}, headers=headers).status_code == 403


def test_the_page_itself_may_ask(client: httpx.Client, address: str) -> None:
    reply = client.post("/api/ask", json={"question": "Esk?"}, headers={"origin": address})
    assert reply.status_code == 200


def test_a_body_too_large_or_of_unknown_length_is_refused(client: httpx.Client) -> None:
    large = {"question": "x" * 1_000_001}
    assert client.post("/api/ask", json=large).status_code == 413
    unknown = client.post("/api/ask", content=iter([b"{}"]))
    assert unknown.status_code == 411


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1:1/",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/run/predict",
        "/gradio_api/call/respond",
        "/gradio_api/openapi.json",
        "/login",
        "/monitoring",
        "/svelte/../x",
    ],
)
def test_gradios_other_routes_are_shut(client: httpx.Client, path: str) -> None:
    for method in ("GET", "POST"):
        assert client.request(method, path, content=b"{}").status_code == 404


def test_what_is_open_is_a_list() -> None:
    assert is_open_path("/gradio_api/queue/join") and is_open_path("/articles/x")
    assert not is_open_path("/gradio_api") and not is_open_path("/gradio_api/../login")
    assert not is_open_path("/articlesx") and not is_open_path("/none")
    assert parse_host_name("[::1]:80") == "::1" and parse_host_name("LOCALHOST:1") == "localhost"
    assert parse_host_name("[x") == ""


def test_traversal_strings_reach_nothing(client: httpx.Client) -> None:
    for target in lines_of(ATTACKS / "traversal.txt"):
        for prefix in ("/articles/", "/footnote/", "/gradio_api/file=", "/static/", "/assets/"):
            try:
                reply = client.get(prefix + target)
            except httpx.InvalidURL:
                continue
            assert "root:" not in reply.text and reply.status_code != 500, prefix + target


# -- listening -------------------------------------------------------------------------------------


def test_a_taken_port_is_an_error_and_the_next_one_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = listening_socket("127.0.0.1", 0)
    port = first.getsockname()[1]
    try:
        with pytest.raises(FootnoteError, match="port"):
            listening_socket("127.0.0.1", port)
        monkeypatch.setattr("ui.server.FIRST_PORT", port)
        second = listening_socket("127.0.0.1", None)
        assert second.getsockname()[1] > port
        second.close()
    finally:
        first.close()


def test_the_address_is_one_to_type() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert address_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}/"


def test_the_network_needs_a_word() -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        with pytest.raises(FootnoteError, match="--open-to-network"):
            _check_host(host, False)
        _check_host(host, True)
    _check_host("127.0.0.1", False)


def test_the_command_serves_a_missing_library_and_gives_its_address(tmp_path: Path) -> None:
    code = "import typer; from ui.command import serve; typer.run(serve)"
    command = [sys.executable, "-c", code, "--library", str(tmp_path / "new")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            address = line.split("open at ")[1].split()[0]
            assert httpx.get(f"{address}api/health", trust_env=False).json()["articles"] == 0
            from rag import open_library as open_again

            with pytest.raises(LibraryBusy) as busy:
                open_again(tmp_path / "new")
            assert busy.value.address == address
        finally:
            process.terminate()
        assert process.wait(20) in (0, -15)


def test_what_left_the_machine_is_listed(address: str) -> None:
    assert httpx.get(f"{address}/api/outgoing").json() == {"outgoing": []}


def test_a_question_may_narrow_where_text_goes(address: str) -> None:
    asked = {"question": "When did the harbour reopen?", "text_may_go_to": "nowhere at all"}
    response = httpx.post(f"{address}/api/ask", json=asked)
    assert response.status_code == 400 and "text_may_go_to" in response.text

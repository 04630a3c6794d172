"""Who may read, ask and change on a server, and that half-sent requests go."""

from __future__ import annotations

import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from commands import footnote
from live_server import serving
from rag import BackendSettings, Library, Settings, ingest, open_library
from scripted_server import Asked, Wire, scripted
from tiny_embedder import TinySpanEmbedder
from ui import deadlines
from ui.access import Access, network_hosts
from ui.service import Service

OWNERS_REQUESTS = (
    ("POST", "/api/ingest", {"paths": ["/etc"]}),
    ("POST", "/api/remove", {"ids": ["x"]}),
    ("POST", "/api/reindex", {}),
    ("POST", "/api/ask", {"question": "When?", "conversation": "new"}),
    ("GET", "/api/conversations", None),
    ("GET", "/api/conversations/last", None),
    ("DELETE", "/api/conversations/last", None),
    ("GET", "/conversations", None),
    ("POST", "/api/refresh", {}),
    ("POST", "/api/followed", {"stop": []}),
    ("GET", "/api/outgoing", None),
    ("GET", "/clip", None),
    ("POST", "/clip", {"address": "https://news.example/", "html": "x"}),
)


@pytest.fixture(scope="module")
def library(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    path = tmp_path_factory.mktemp("open") / "library"
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        yield library


@contextmanager
def client_of(
    library: Library, access: Access, service: Service | None = None
) -> Iterator[httpx.Client]:
    with (
        serving(library, access=access, service=service) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        yield client


def test_an_open_server_is_for_reading_and_asking_without_the_token(library: Library) -> None:
    access = Access(network_hosts(["library.example"]), open_to_network=True)
    with client_of(library, access) as client:
        for host in ("library.example", "192.0.2.7:7860", "[2001:db8::1]"):
            assert client.get("/api/articles", headers={"host": host}).status_code == 200
        assert client.post("/api/ask", json={"question": "When?"}).status_code == 200
        for method, path, body in OWNERS_REQUESTS:
            reply = client.request(method, path, json=body)
            assert reply.status_code == 403, path
            assert "token" in reply.text
            wrong = {"authorization": "Bearer wrong", "cookie": "footnote_owner=wrong"}
            assert client.request(method, path, json=body, headers=wrong).status_code == 403


def test_the_token_gives_the_owners_rights(library: Library, folder: Path) -> None:
    access = Access(network_hosts(), open_to_network=True, folders=(folder,))
    with client_of(library, access) as client:
        bearer = {"authorization": f"Bearer {access.token}"}
        assert client.get("/api/conversations", headers=bearer).status_code == 200
        assert client.get("/?token=wrong").status_code == 200
        assert client.get("/conversations").status_code == 403
        entry = client.get("/", params={"token": access.token})
        assert entry.status_code == 303 and entry.headers["location"] == "/"
        cookie = entry.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie
        assert client.get("/conversations").status_code == 200
        forwarded = {**bearer, "x-forwarded-for": "192.0.2.7"}
        for paths, status in (([str(folder)], 200), (["/etc"], 403), ([f"{folder}/../x"], 403)):
            given = client.post("/api/ingest", json={"paths": paths}, headers=forwarded)
            assert given.status_code == status, given.text


@pytest.mark.parametrize("open_to_network", [False, True])
def test_a_name_that_was_bound_to_this_machine_gets_nothing(
    library: Library, open_to_network: bool
) -> None:
    names = network_hosts() if open_to_network else Access().hosts
    with client_of(library, Access(names, open_to_network)) as client:
        for method, path, body in (*OWNERS_REQUESTS, ("GET", "/api/articles", None)):
            headers = {"host": "rebound.example:7860", "origin": "http://rebound.example:7860"}
            assert client.request(method, path, json=body, headers=headers).status_code == 421


def test_paths_are_read_only_from_named_folders(library: Library, folder: Path) -> None:
    with client_of(library, Access(folders=(folder,))) as client:
        refused = client.post("/api/ingest", json={"paths": [str(folder), "/etc"]})
        assert refused.status_code == 403 and "/etc" in refused.text
        assert str(folder) not in refused.text
        taken = client.post("/api/ingest", json={"paths": [str(folder / "esk.md")]})
        assert len(taken.json()["unchanged"]) == 1
    with client_of(library, Access(folders=(Path.cwd(),))) as client:
        away = client.post("/api/ingest", json={"paths": ["https://news.example/"]})
        assert away.status_code == 403 and "news.example" in away.text


def test_commands_on_this_machine_show_the_token_of_the_library(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "new.md").write_text("# Ferry\n\nThe ferry costs four euros.\n")
    access = Access(network_hosts(), open_to_network=True)
    with serving(library, access=access) as address:
        library.set_address(address, access.token)
        owner = library.path / "owner.json"
        assert stat.S_IMODE(owner.stat().st_mode) == 0o600
        there = ("--library", library.path)
        done = footnote("ingest", tmp_path / "new.md", *there, "--json")
        (added,) = json.loads(done.stdout)["added"]
        assert footnote("remove", added, *there).returncode == 0
        library.set_address(None)


def test_health_answers_while_a_hundred_asks_wait_for_a_slow_model(library: Library) -> None:
    asked = threading.Semaphore(0)
    over = threading.Event()

    def slow(wire: Wire, request: Asked) -> None:
        asked.release()
        over.wait(60)

    with scripted(slow) as model:
        settings = Settings(
            library=library.path,
            backend=("slow",),
            backends=(BackendSettings(name="slow", base_url=model.address, model="m"),),
        )
        service = Service(library, settings=settings)
        with client_of(library, Access(), service) as client:
            question = {"question": "When did the harbour of Esk reopen?"}
            body = json.dumps(question).encode()
            host = client.base_url.host, client.base_url.port
            head = f"POST /api/ask HTTP/1.1\r\nHost: {host[0]}:{host[1]}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            waiting = [socket.create_connection((host[0], host[1] or 80)) for _ in range(100)]
            for connection in waiting:
                connection.sendall(head.encode() + body)
            for _ in range(16):
                assert asked.acquire(timeout=60)
            for path in ("/api/health", "/api/articles", "/articles"):
                assert client.get(path, timeout=20).status_code == 200
            assert not over.is_set()
            for connection in waiting:
                connection.close()
            over.set()


def test_half_sent_requests_are_dropped(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines.TimedProtocol, "headers_seconds", 0.3)
    monkeypatch.setattr(deadlines, "BODY_SECONDS", 0.3)
    headers = b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    whole = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with client_of(library, Access()) as client:
        for sent in (b"", b"GET /api/he", headers, headers + b"Content-Length: 90\r\n\r\n{", whole):
            place = (client.base_url.host, client.base_url.port or 80)
            with socket.create_connection(place, timeout=20) as connection:
                connection.sendall(sent)
                if sent == whole:
                    assert connection.recv(100_000).startswith(b"HTTP/1.1 200")
                    connection.sendall(sent[:9])
                while connection.recv(100_000):
                    pass
        assert client.get("/api/health").status_code == 200


def test_an_upload_that_stops_is_told_and_leaves_no_file(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deadlines, "BODY_SECONDS", 0.3)
    head = b"POST /api/uploads?name=a.md HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\nx"
    with client_of(library, Access()) as client:
        place = (client.base_url.host, client.base_url.port or 80)
        with socket.create_connection(place, timeout=20) as connection:
            connection.sendall(head)
            assert connection.recv(100).startswith(b"HTTP/1.1 408")
            while connection.recv(100_000):
                pass
    assert not list(library.path.rglob("a.md"))
    assert caplog.records == []


@pytest.mark.parametrize("prefix", ["/static/", "/articles/", "/api/articles/", "/assets/", "/"])
def test_names_of_7000_characters_are_not_there(client: httpx.Client, prefix: str) -> None:
    assert client.get(prefix + "a" * 7_000).status_code == 404


def test_a_slow_request_between_quick_ones_is_not_cut(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines.TimedProtocol, "headers_seconds", 0.2)

    class Slow(Service):
        def articles(self):  # type: ignore[no-untyped-def]
            time.sleep(0.6)
            return super().articles()

    service = Slow(library, settings=Settings(library=library.path))
    with client_of(library, Access(), service) as client:
        for _ in range(3):
            assert client.get("/api/articles").status_code == 200

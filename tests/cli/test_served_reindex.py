"""`footnote reindex` through a running server: asked meanwhile, killed, stopped by Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from commands import footnote
from rag import CancellationToken, Cancelled, Settings, ingest, open_library, reindex
from rag.cli.server_client import ServerClient
from rag.errors import FootnoteError
from rag.store import check_health
from scripted_server import scripted
from tiny_embedder import TinyEmbedder
from ui.service import ServerStopped, Service

NAMES = ("harbour", "orchard", "viaduct")
QUESTION = "When was the viaduct of Esk painted white?"
# Far more than a server takes to stop, for a busy machine.
MOST_SECONDS = 60
COLOURS = ("white", "green", "brown", "black")
# A server that pauses after each stored batch, and says so, while a file is there.
SERVER = """
import sys, time
from pathlib import Path
from rag.cli import main
from rag.ingestion import reindexing, run
from rag.store import Store
from rag.store.reindexing import Reindexing

hold = Path(sys.argv.pop(1))
reindexing.BATCH_PASSAGES = run.BATCH_PASSAGES = 1

def pausing(put):
    def held(*given):
        put(*given)
        if hold.exists():
            print("held", flush=True)
        while hold.exists():
            time.sleep(0.02)

    return held

Store.put, Reindexing.put = pausing(Store.put), pausing(Reindexing.put)
main()
"""


def write(folder: Path) -> Path:
    folder.mkdir()
    for name in NAMES:
        told = (f"The {name} of Esk was painted {c} in 19{n}1." for n, c in enumerate(COLOURS, 1))
        (folder / f"{name}.md").write_text(f"# The {name}\n\n{' '.join(told)}\n", encoding="utf-8")
    return folder


@contextmanager
def server(library: Path, hold: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    words = [str(hold), "serve", "--library", str(library), "--reader", "none"]
    command = [sys.executable, "-c", SERVER, *words]
    with (
        said_by(library).open("w", encoding="utf-8") as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        try:
            yield process, line(process).split("open at ")[1].split()[0]
        finally:
            process.kill()


def said_by(library: Path) -> Path:
    """What the server of a library wrote to stderr."""
    return library.with_name("said")


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def sentences_of_evidence(address: str) -> int:
    """How many sentences the best passage for the question has."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        found = client.post(f"{address}api/ask", json={"question": QUESTION}).json()
    assert "painted white in 1911" in found["text"]
    return int(found["evidence"][0]["text"].count("Esk"))


def test_a_server_takes_over_the_new_index(tmp_path: Path) -> None:
    library, hold = tmp_path / "library", tmp_path / "hold"
    ingest(write(tmp_path / "articles"), library)
    words = ("reindex", "--library", str(library), "--overlap-tokens", "0", "--passage-tokens")
    command = [sys.executable, "-m", "rag.cli", *words]
    with server(library, hold) as (process, address):
        hold.touch()
        with subprocess.Popen([*command, "16"], stderr=subprocess.DEVNULL) as killed:
            assert line(process) == "held\n"
            assert sentences_of_evidence(address) == len(COLOURS), "from the old index"
            killed.kill()
        hold.unlink()
        done = footnote(*words, "16", "--json")
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        assert (made["articles"], made["passage_tokens"]) == (len(NAMES), 16)
        assert sentences_of_evidence(address) == 1, "from the new index, without a restart"
        hold.touch()
        with subprocess.Popen([*command, "40"], stderr=subprocess.PIPE, text=True) as left:
            assert line(process) == "held\n"
            assert sentences_of_evidence(address) == 1
            process.kill()
            _, said = left.communicate()
        assert left.returncode == 1 and f"The server at {address} indexes" in said
        assert "does not answer" in said and "Traceback" not in said
    reindex(library, passage_tokens=40, overlap_tokens=0)
    with open_library(library) as opened:
        assert check_health(opened) == ()
        assert {article.passages for article in opened.articles()} == {2}


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
@pytest.mark.parametrize("work", ["reindex", "ingest"])
def test_ctrl_c_ends_a_server_whose_work_does_not_notice(tmp_path: Path, work: str) -> None:
    """The pause never ends, a page listens, and the next start serves what served before."""
    library, hold = tmp_path / "library", tmp_path / "hold"
    articles = write(tmp_path / "articles")
    ingest(articles / "viaduct.md", library)
    patient: dict[str, Any] = {"trust_env": False, "timeout": MOST_SECONDS}
    smaller = ("--passage-tokens", "16", "--overlap-tokens", "0")
    more = {"reindex": smaller, "ingest": (str(articles),)}
    command = [sys.executable, "-m", "rag.cli", work, *more[work], "--library", str(library)]
    with server(library, hold) as (process, address):
        hold.touch()
        with (
            httpx.stream("GET", f"{address}gradio_api/heartbeat/page", **patient) as page,
            subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as client,
        ):
            assert page.status_code == 200
            assert line(process) == "held\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(MOST_SECONDS) == 0
            _, told = client.communicate()
    assert said_by(library).read_text(encoding="utf-8") == ""
    assert client.returncode == 1 and "Traceback" not in told
    with open_library(library) as opened:
        assert check_health(opened) == ()
        assert "viaduct" in {Path(a.source.origin).stem for a in opened.articles()}
        assert {article.passages for article in opened.articles()} == {1}, "of the old size"
    done = footnote(*command[3:], "--json")
    assert done.returncode == 0, done.stderr
    with open_library(library) as opened:
        assert check_health(opened) == ()
        assert len(opened.articles()) == (1 if work == "reindex" else len(NAMES))


class Stopping(TinyEmbedder):
    """Its first call cancels the token."""

    token = CancellationToken()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.token.cancel()
        return super().embed(texts)


class Ending(TinyEmbedder):
    """Its first call stops the server that uses it."""

    service: Service

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.service.stop()
        return super().embed(texts)


def test_a_client_that_leaves_stops_it_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingestion.reindexing.BATCH_PASSAGES", 1)
    other = Stopping("other", 64)
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        ingest(write(tmp_path / "articles"), library)
        service = Service(library, settings=Settings(library=library.path))
        with pytest.raises(Cancelled):
            service.reindex(other.token, embedder=other)
        assert library.catalog.identity() == TinyEmbedder().identity
        before = len(other.embedded)
        assert service.reindex(CancellationToken(), embedder=other).articles == len(NAMES)
        assert len(other.embedded) == len(NAMES) * before, "the first article was kept"
        assert check_health(library) == ()


def test_a_server_that_stops_stops_all_work_and_begins_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingestion.reindexing.BATCH_PASSAGES", 1)
    monkeypatch.setattr("rag.ingestion.run.BATCH_PASSAGES", 1)
    articles = write(tmp_path / "articles")
    ending = Ending()
    with open_library(tmp_path / "library", embedder=ending, create=True) as library:
        ending.service = service = Service(library, settings=Settings(library=library.path))
        with pytest.raises(ServerStopped, match="What it has stored is kept"):
            service.ingest([articles])
        assert len(library.articles()) == 1 and not service.busy
        for work in (
            lambda: service.ingest([articles]),
            lambda: service.reindex(CancellationToken()),
            lambda: service.ask(QUESTION),
            lambda: service.check("The viaduct of Esk was painted white in 1911."),
            lambda: service.remove(library.article_ids()),
            service.refresh,
        ):
            with pytest.raises(ServerStopped):
                work()
        assert len(library.articles()) == 1 and check_health(library) == ()


def test_a_server_of_another_version_is_to_be_restarted() -> None:
    with (
        scripted(lambda wire, _: wire.status(404, {"error": {"kind": "NotFound"}})) as old,
        pytest.raises(FootnoteError, match="Stop it and start it again"),
    ):
        ServerClient(old.address).post("/api/reindex", {})

"""`footnote reindex` of a library that a running server holds: asked meanwhile, then killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
from ui.service import Service

NAMES = ("harbour", "orchard", "viaduct")
QUESTION = "When was the viaduct of Esk painted white?"
COLOURS = ("white", "green", "brown", "black")
# A server that stops after each batch of a reindex, and says so, while a file is there.
SERVER = """
import sys, time
from pathlib import Path
from rag.cli import main
from rag.ingestion import reindexing as work
from rag.store.reindexing import Reindexing

hold, put, work.BATCH_PASSAGES = Path(sys.argv.pop(1)), Reindexing.put, 1

def held(*given):
    put(*given)
    if hold.exists():
        print("held", flush=True)
    while hold.exists():
        time.sleep(0.02)

Reindexing.put = held
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
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, line(process).split("open at ")[1].split()[0]
        finally:
            process.kill()


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


class Stopping(TinyEmbedder):
    """Its first call cancels the token."""

    token = CancellationToken()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.token.cancel()
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


def test_a_server_of_another_version_is_to_be_restarted() -> None:
    with (
        scripted(lambda wire, _: wire.status(404, {"error": {"kind": "NotFound"}})) as old,
        pytest.raises(FootnoteError, match="Stop it and start it again"),
    ):
        ServerClient(old.address).post("/api/reindex", {})

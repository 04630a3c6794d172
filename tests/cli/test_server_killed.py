"""`footnote ask` while its first server is killed: before, in and after its first sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import scripted_server
from commands import footnote
from rag import ingest
from scripted_server import answers, scripted

STORY = "# Bridge\n\nThe bridge of Esk opened to traffic in 1932. It was painted red in 1950.\n"
QUESTION = "When did the bridge of Esk open to traffic?"
WHOLE = "The bridge of Esk opened to traffic in 1932 [1]."
# A process that serves, sends the given words, and kills itself as `kill -9` would.
SERVER = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from scripted_server import chunk, scripted

def play(wire, asked):
    for place, word in enumerate(sys.argv[2].split()):
        if not place:
            wire.head()
        wire.event(chunk(content=word + " "))
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)

with scripted(play) as server:
    print(server.address, flush=True)
    time.sleep(60)
"""


@contextmanager
def killed_after(words: str) -> Iterator[str]:
    command = [sys.executable, "-c", SERVER, str(Path(scripted_server.__file__).parent), words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    articles = tmp_path_factory.mktemp("articles")
    (articles / "bridge.md").write_text(STORY, encoding="utf-8")
    path = tmp_path_factory.mktemp("killed") / "library"
    ingest(articles, path)
    return path


@pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="no such signal")
@pytest.mark.parametrize(
    ("said", "writer", "complete"),
    [
        ("", "two", True),
        ("The bridge", "two", True),
        (f"{WHOLE} It was painted", "one", False),
    ],
    ids=["before the first word", "during the first sentence", "after it"],
)
def test_the_first_server_is_killed(
    said: str, writer: str, complete: bool, folder: Path, tmp_path: Path
) -> None:
    with killed_after(said) as first, scripted(answers(WHOLE)) as second:
        settings = tmp_path / "own.toml"
        settings.write_text(
            'backend = ["one", "two", "extractive"]\n'
            f'[backends.one]\nbase_url = "{first}"\nmodel = "tiny"\n'
            f'[backends.two]\nbase_url = "{second.address}"\nmodel = "tiny"\n',
            encoding="utf-8",
        )
        words = ("ask", QUESTION, "--library", folder, "--settings", settings)
        told = footnote(*words, "--json")
        found = json.loads(told.stdout)
        assert told.returncode == 0 and len(second.asked) == (writer == "two")
    assert found["text"] == "The bridge of Esk opened to traffic in 1932."
    assert found["sentences"][0]["verdict"] == "supported"
    assert found["backend"]["name"] == writer and found["complete"] is complete
    tried = [attempt["backend"] for attempt in found["trace"]["tried"]]
    assert tried == ([] if writer == "one" else ["one"])
    broke = any("stopped mid-answer" in note for note in found["trace"]["notes"])
    assert broke is not complete


def test_in_words(folder: Path, tmp_path: Path) -> None:
    """Also what it cost, where the server counted and a price is set."""
    with scripted(answers(WHOLE)) as server:
        settings = tmp_path / "own.toml"
        settings.write_text(
            f'backend = ["one"]\n[backends.one]\nbase_url = "{server.address}"\nmodel = "tiny"\n'
            "price = [1.0, 2.0]\n",
            encoding="utf-8",
        )
        told = footnote("ask", QUESTION, "--library", folder, "--settings", settings)
    assert "Answered by one (tiny). Nothing left this machine." in told.stderr
    assert "900 tokens read, 20 written, cost 0.0009." in told.stderr
    with killed_after(f"{WHOLE} It was painted") as first:
        settings = tmp_path / "own.toml"
        settings.write_text(
            f'backend = ["one"]\n[backends.one]\nbase_url = "{first}"\nmodel = "tiny"\n',
            encoding="utf-8",
        )
        told = footnote("ask", QUESTION, "--library", folder, "--settings", settings)
    assert "opened to traffic in 1932" in told.stdout
    assert "stopped mid-answer" in told.stdout + told.stderr

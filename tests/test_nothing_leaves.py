"""No command contacts anything but loopback or writes outside its own folders.

Native code is watched too, by strace: ONNX Runtime reports to its maker without Python's sockets.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
import typer

from folders import ROOT
from rag.cli.app import app
from small_library import ESK, ESK_TEXT, QUESTION
from system_calls import STRACE, outside_contacts, traced, written_paths

pytestmark = [
    pytest.mark.skipif(STRACE is None, reason="strace is not installed"),
    pytest.mark.slow,
]

FOOTNOTE = (sys.executable, "-m", "rag.cli")
PYTHON = (sys.executable, "-c")
# Each command with one use of it, in the order in which they run; {id} is an article's.
COMMANDS = {
    "ingest": "articles",
    "ingest --dry-run": "articles",
    "follow": "",
    "refresh": "",
    "ask": f"{QUESTION!r} --conversation new",
    "check": "articles/esk.md",
    "articles": "",
    "outgoing": "",
    "policy": "local",
    "backends": "",
    "doctor": "",
    "conversations list": "",
    "conversations search": "Esk",
    "conversations show": "last",
    "conversations rename": "last Boats",
    "conversations export": "last {library}/talk.md",
    "conversations delete": "last --yes",
    "rebuild": "",
    "reindex": "--passage-tokens 40 --overlap-tokens 8",
    "compact": "",
    "remove": "{id}",
}
# What another program says to ask through the Model Context Protocol.
ASKING = {"name": "ask", "arguments": {"question": QUESTION}}
# The doors other than the command line; each does what sends reports, where that is not off.
DOORS = {
    "import rag": "import rag",
    "embedder": "from rag.embedding import default_embedder; default_embedder().embed(['boat'])",
    "reader": "from rag.reader import load_reader; load_reader()",
    "chat page": "import ui.chat",
    "evaluation": "from eval.suites import retrieval, seeds; retrieval.count_tokens('boat')",
    "token counter": "import rag; from llama_index.core.utils import get_tokenizer as t; t()('a')",
}


class Watched:
    """Runs commands under strace with an empty home, and checks each when it has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home, self.library = folder / "home", folder / "library"
        self.temporary = folder / "temporary"
        for path in (self.home, self.temporary):
            path.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "FOOTNOTE_LIBRARY": str(self.library),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.log = folder / "calls"

    def article_id(self) -> str:
        """The id of the one article; empty before it is there."""
        catalog = self.library / "catalog.sqlite3"
        if not catalog.exists():
            return ""
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as db:
            found = db.execute("SELECT id FROM articles").fetchone()
            return str(found[0]) if found else ""

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            traced(command, self.log),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            cwd=self.folder,
        )

    def run(self, command: Sequence[str]) -> str:
        with self.start(command) as process:
            said, _ = process.communicate(timeout=200)
        assert process.returncode == 0, said
        self.check()
        return said

    def check(self) -> None:
        assert outside_contacts(self.log) == []
        own = (self.library, self.home / ".cache/footnote", self.home / ".config/footnote")
        allowed = (*own, self.temporary, self.home / ".cache")
        strays = {
            path
            for path in written_paths(self.log)
            if not any(path == place or place in path.parents for place in allowed)
        }
        assert strays == set()
        assert list(self.temporary.iterdir()) == []
        cache = self.home / ".cache"
        assert not cache.exists() or [path.name for path in cache.iterdir()] == ["footnote"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "articles").mkdir()
    (folder / "articles" / "esk.md").write_text(ESK + ESK_TEXT, encoding="utf-8")
    return Watched(folder)


def all_commands() -> set[str]:
    names = set()
    for name, command in vars(typer.main.get_command(app))["commands"].items():
        inner = vars(command).get("commands")
        names |= {f"{name} {part}" for part in inner} if inner else {name}
    return names


def test_every_command_is_watched() -> None:
    # To fetch from elsewhere is what it is for; so it is for others that are told an address.
    assert all_commands() - {"download-model"} == {name.partition(" --")[0] for name in COMMANDS}


@pytest.mark.parametrize("code", DOORS.values(), ids=DOORS)
def test_no_door_contacts_anybody(watched: Watched, code: str) -> None:
    watched.run([*PYTHON, code])


@pytest.mark.parametrize(("command", "words"), COMMANDS.items(), ids=COMMANDS)
def test_no_command_contacts_anybody(watched: Watched, command: str, words: str) -> None:
    if command != "ingest" and not watched.article_id():
        watched.run([*FOOTNOTE, "ingest", "articles"])
    values = {"library": str(watched.library), "id": watched.article_id()}
    arguments = f"{command} {words.format_map(values)}"
    watched.run([*FOOTNOTE, *shlex.split(arguments)])


def test_the_server_contacts_nobody(watched: Watched) -> None:
    watched.run([*FOOTNOTE, "ingest", "articles"])
    with watched.start([*FOOTNOTE, "serve", "--ingest-from", str(watched.folder)]) as process:
        assert process.stdout
        said = process.stdout.readline()
        address = re.search(r"http://\S+/", said)
        assert address, said
        post = {
            "api/ask": {"question": QUESTION},
            "api/check": {"text": ESK_TEXT},
            "api/ingest": {"paths": [str(watched.folder / "articles")]},
            "mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ASKING},
        }
        gets = ("", "config", "articles", "conversations", "api/outgoing", "api/health")
        for path in (*gets, *post):
            body = json.dumps(post[path]).encode() if path in post else None
            request = urllib.request.Request(address[0] + path, body)
            request.add_header("Content-Type", "application/json")
            request.add_header("Accept", "application/json, text/event-stream, */*")
            with urllib.request.urlopen(request) as reply:
                assert reply.read()
        owner = json.loads((watched.library / "owner.json").read_text(encoding="utf-8"))
        os.kill(owner["pid"], signal.SIGINT)
        process.communicate(timeout=60)
    watched.check()


def test_the_watch_sees_what_leaves(watched: Watched) -> None:
    with watched.start([*PYTHON, "import socket; socket.getaddrinfo('example.org', 80)"]) as look:
        look.communicate()
    assert outside_contacts(watched.log)
    with watched.start([*PYTHON, f"open({str(watched.folder / 'stray')!r}, 'w')"]) as write:
        write.communicate()
    assert watched.folder / "stray" in written_paths(watched.log)

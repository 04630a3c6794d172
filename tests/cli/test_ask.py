"""On a terminal an answer appears sentence by sentence, and Ctrl-C ends it without a traceback."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag import ingest
from scripted_server import Asked, Wire, chunk, scripted

STORY = "---\ntitle: Bridge\n---\nThe bridge of Esk opened in 1932. It was painted red in 1950.\n"
QUESTION = "When did the bridge of Esk open?"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "bridge.md").write_text(STORY, encoding="utf-8")
    ingest([tmp_path / "bridge.md"], tmp_path / "library")
    return tmp_path / "library"


@contextmanager
def on_a_terminal(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command with a terminal as its output, and the terminal's other end."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rag.cli", *words]
    running = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    try:
        yield running, ours
    finally:
        running.kill()
        running.communicate()
        os.close(ours)


def read_until(terminal: int, wanted: str, seconds: float = 240.0) -> str:
    seen, end = "", time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096).decode()
    return seen


def test_sentences_come_one_by_one_and_ctrl_c_stops_the_model(library: Path) -> None:
    left = threading.Event()

    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.words("The bridge of Esk opened in 1932 [1]. It was painted red in ")
        while not wire.gone(0.1):
            wire.event(chunk(content=""))
        left.set()

    with (
        scripted(play) as server,
        on_a_terminal("ask", QUESTION, "--library", str(library), "--backend", server.address) as (
            running,
            terminal,
        ),
    ):
        assert "The bridge of Esk opened in 1932. [1]" in read_until(terminal, "[1]")
        assert running.poll() is None and not left.is_set()
        running.send_signal(signal.SIGINT)
        assert left.wait(2.0), "the model writes on"
        _, errors = running.communicate(timeout=10)
    assert running.returncode != 0 and b"Traceback" not in errors

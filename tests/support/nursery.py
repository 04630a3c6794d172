"""Runs what may be killed in processes of their own, quickly one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Imports once and forks for each run: importing Chroma takes longer than what is to be killed.
NURSERY = """
import os, sys
sys.path.insert(0, "tests/support")
import rag.store.keywords, rag.store.vectors
from rag.ingestion import ingest, run
from tiny_embedder import TinyEmbedder
run.BATCH_PASSAGES = 2

{child}

print("born", flush=True)
while line := sys.stdin.readline():
    pid = os.fork()
    if pid == 0:
        try:
            child(*line.split())
        finally:
            os._exit(0)
    print(pid, flush=True)
    sys.stdin.readline()  # Until then its number is not given to another process.
    _, status = os.waitpid(pid, 0)
    print(status, flush=True)
"""


class Nursery:
    """Lets children run, and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        assert self._out.readline() == "born\n"

    def run(self, *words: object, seconds: float | None = None) -> bool:
        """Runs a child, killed after so many seconds; returns whether it was killed."""
        self._tell(" ".join(map(str, words)))
        pid = int(self._out.readline())
        if seconds is not None:
            time.sleep(seconds)
            os.kill(pid, signal.SIGKILL)
        self._tell("done")
        return int(self._out.readline()) == signal.SIGKILL

    def _tell(self, line: str) -> None:
        self._in.write(line + "\n")
        self._in.flush()


@contextmanager
def nursery(child: str) -> Iterator[Nursery]:
    """A nursery for children that run ``child``, the source of a function of that name."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", NURSERY.format(child=child)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        try:
            yield Nursery(process)
        finally:
            process.kill()

"""How long whole processes take, from their start to an answer or a served page."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.libraries import SEEDS
from eval.report import versions
from rag import FootnoteError

QUESTION = "How many parameters does GPT-4 have?"
# A server that takes longer is broken, not slow.
TIMEOUT_SECONDS = 120.0
ADDRESS = re.compile(r"http://\S+")


@dataclass(frozen=True, slots=True)
class StartupReport:
    """Seconds of every run, each from the start of its process."""

    help: tuple[float, ...]
    ask: tuple[float, ...]
    serve: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"suite": "startup", "seconds": asdict(self), "versions": versions()}

    def table(self) -> str:
        """Median, least and most of each command."""
        rows = (
            ("footnote --help", self.help),
            ("footnote ask, cold", self.ask),
            ("footnote serve --fill seeds, library full, to a served page", self.serve),
        )
        return "\n".join(
            f"{name:62}{statistics.median(times):6.2f} s   ({min(times):.2f} to {max(times):.2f})"
            for name, times in rows
        )


def measure(runs: int) -> StartupReport:
    """Starts each command ``runs`` times on a library of the seeds, after one run not counted.

    Raises:
        FootnoteError: A command fails.
    """
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as folder:
        run_command("ingest", str(SEEDS), "--library", folder)
        ask = ("ask", QUESTION, "--library", folder)
        run_command(*ask)
        return StartupReport(
            help=tuple(run_command("--help") for _ in range(runs)),
            ask=tuple(run_command(*ask) for _ in range(runs)),
            serve=tuple(_seconds_to_page(folder) for _ in range(runs)),
        )


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "rag.cli", *words]


def run_command(*words: str) -> float:
    """Seconds that a command takes.

    Raises:
        FootnoteError: It fails.
    """
    started = time.perf_counter()
    done = subprocess.run(_command(*words), capture_output=True, text=True, check=False)
    if done.returncode:
        raise FootnoteError(f"footnote {' '.join(words)} failed: {done.stderr.strip()}")
    return time.perf_counter() - started


def _seconds_to_page(folder: str) -> float:
    started = time.perf_counter()
    with (
        server("--library", folder, "--fill", str(SEEDS)) as address,
        urllib.request.urlopen(address, timeout=30) as page,
    ):
        page.read()
        return time.perf_counter() - started


@contextmanager
def server(*options: str) -> Iterator[str]:
    """The address that ``footnote serve`` with these options prints once it listens."""
    with tempfile.TemporaryFile("w+") as printed:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            _command("serve", *options),
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=Path.cwd(),
        )
        try:
            yield _address(process, printed.fileno())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(TIMEOUT_SECONDS)


def _address(process: subprocess.Popen[bytes], printed: int) -> str:
    until = time.perf_counter() + TIMEOUT_SECONDS
    while process.poll() is None and time.perf_counter() < until:
        if found := ADDRESS.search(os.pread(printed, 4_096, 0).decode()):
            return found.group()
        time.sleep(0.01)
    raise FootnoteError("footnote serve does not start: " + os.pread(printed, 4_096, 0).decode())

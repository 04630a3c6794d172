"""Killed at any moment: every article is whole, old or new, and what was acknowledged is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.ingestion.loaders import Document, read
from rag.retrieval.library import open_library
from rag.types import Article, Filters
from stored_articles import audit
from tiny_embedder import TinyEmbedder

ROOT = Path(__file__).resolve().parents[2]
KILLS = 25
FILES = 16

# Imports once and forks for each ingest: importing Chroma takes longer than what is to be killed.
NURSERY = """
import os, sys
sys.path.insert(0, "tests/support")
from rag.ingestion import ingest, pipeline
import rag.store.keywords, rag.store.vectors
from tiny_embedder import TinyEmbedder
pipeline.BATCH_PASSAGES = 2

def child(articles, library, told):
    with open(told, "w") as notes:
        def tell(progress):
            notes.write(progress.title + "\\n")
            notes.flush()
        ingest(articles, library, progress=tell, embedder=TinyEmbedder())

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
    """Lets children ingest, and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        assert self._out.readline() == "born\n"

    def ingest(self, articles: Path, library: Path, told: Path, seconds: float | None) -> bool:
        """Runs one ingest, killed after so many seconds; returns whether it was killed."""
        self._tell(f"{articles} {library} {told}")
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
def nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", NURSERY],
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


def write(folder: Path, number: int, version: int) -> None:
    body = " ".join(
        f"Article {number} of version {version} says {word} at place {place}."
        for place, word in enumerate(("lion", "car", "tea", "hill") * (1 + number % 3))
    )
    text = f"---\ntitle: Article {number}\n---\n\n{body}\n"
    (folder / f"file{number:02}.md").write_text(text, encoding="utf-8")


def on_disk(folder: Path) -> dict[str, Article]:
    return {item.location: item.article for item in read(folder) if isinstance(item, Document)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
    sys.stdout.write(f"KILL_SEED={seed}\n")  # shown when the test fails
    chance = random.Random(seed)
    articles, library, told = (tmp_path / name for name in ("articles", "library", "told"))
    articles.mkdir()
    for number in range(FILES):
        write(articles, number, 0)
    with nursery() as children:
        started = time.monotonic()
        children.ingest(articles, tmp_path / "first", told, None)
        longest = time.monotonic() - started
        there: dict[str, Article] = {}
        killed = 0
        for version in range(1, KILLS + 1):
            coming = on_disk(articles)
            killed += children.ingest(articles, library, told, chance.uniform(0, longest))
            there = audited(library, there, coming, told)
            # Half of the next ingest, or all of it, is a change of what is there.
            for number in chance.sample(range(FILES), FILES // 2):
                write(articles, number, version)
        sys.stdout.write(f"killed {killed} of {KILLS}\n")
        assert killed > KILLS // 3, "most ingests were over before they could be killed"
        children.ingest(articles, library, told, None)
    audited(library, on_disk(articles), on_disk(articles), told)


def audited(
    library: Path, before: dict[str, Article], coming: dict[str, Article], told: Path
) -> dict[str, Article]:
    """What is in the library after an ingest that may have been killed, checked row by row."""
    acknowledged = set(told.read_text().splitlines()) if told.exists() else set()
    if not (library / "catalog.sqlite3").exists():
        assert not acknowledged
        return {}
    with open_library(library, embedder=TinyEmbedder()) as opened:
        there = {}
        for place, article_id in opened.places().items():
            versions = (item for item in (before.get(place), coming[place]) if item is not None)
            there[place] = {item.id: item for item in versions}[article_id]
        for place, article in coming.items():
            assert place in there or place not in before, f"{place} was lost"
            if article.source.title in acknowledged:
                assert there[place] == article, "an acknowledged article is not there"
        audit(opened, there)
        for article in there.values():
            only = Filters(articles=(article.id,))
            assert opened.search(article.text[:60], how="keyword", filters=only)
    told.unlink(missing_ok=True)
    return there

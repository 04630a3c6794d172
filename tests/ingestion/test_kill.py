"""Killed at any moment: every article is whole, old or new, and what was acknowledged is there."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

from nursery import nursery
from rag.ingestion.documents import Document
from rag.ingestion.loaders import read
from rag.retrieval.library import open_library
from rag.types import Article, Filters
from stored_articles import audit
from tiny_embedder import TinyEmbedder

KILLS = 25
FILES = 16

CHILD = """
def child(articles, library, told):
    with open(told, "w") as notes:
        def tell(progress):
            notes.write(progress.title + "\\n")
            notes.flush()
        ingest(articles, library, progress=tell, embedder=TinyEmbedder())
"""


def write(folder: Path, number: int, version: int) -> None:
    body = " ".join(
        f"Article {number} of version {version} says {word} at place {place}."
        for place, word in enumerate(("lion", "car", "tea", "hill") * (1 + number % 3))
    )
    text = f"---\ntitle: Article {number}\n---\n\n{body}\n"
    (folder / f"file{number:02}.md").write_text(text, encoding="utf-8")


def on_disk(folder: Path) -> dict[str, Article]:
    return {item.location: item.article for item in read(folder) if isinstance(item, Document)}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
    sys.stdout.write(f"KILL_SEED={seed}\n")  # shown when the test fails
    chance = random.Random(seed)
    articles, library, told = (tmp_path / name for name in ("articles", "library", "told"))
    articles.mkdir()
    for number in range(FILES):
        write(articles, number, 0)
    with nursery(CHILD) as children:
        started = time.monotonic()
        children.run(articles, tmp_path / "first", told)
        longest = time.monotonic() - started
        there: dict[str, Article] = {}
        killed = 0
        for version in range(1, KILLS + 1):
            coming = on_disk(articles)
            killed += children.run(articles, library, told, seconds=chance.uniform(0, longest))
            there = audited(library, there, coming, told)
            # Half of the next ingest, or all of it, is a change of what is there.
            for number in chance.sample(range(FILES), FILES // 2):
                write(articles, number, version)
        sys.stdout.write(f"killed {killed} of {KILLS}\n")
        assert killed > KILLS // 3, "most ingests were over before they could be killed"
        children.run(articles, library, told)
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

"""Another embedder or passages of another size, from the texts that the library holds."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from nursery import nursery
from rag import Library, Progress, Settings, answer, ingest, open_library, reindex
from rag.cli.app import app
from rag.errors import (
    LibraryBusy,
    LibraryDamaged,
    LibraryFull,
    LibraryMissing,
    PolicyRefused,
    SettingsError,
)
from rag.policy import Destination
from rag.store.health import check_health
from rag.store.reindexing import Reindexing
from small_library import ESK_TEXT, QUESTION, write_articles
from tiny_embedder import TinyEmbedder, TinySpanEmbedder

ARTICLES = 8
# Passages hold some three sentences of these, and one when they are made small.
SENTENCES = "The {name} of Esk number {n} was painted in {year} by people from the town of Tarn."
NAMES = ("harbour", "orchard", "viaduct", "tannery", "theatre", "granary", "cistern", "belfry")
OTHER = {"name": "other", "dimension": 64}


def fill(folder: Path, library: Path) -> Path:
    folder.mkdir()
    for number, name in enumerate(NAMES):
        told = " ".join(SENTENCES.format(name=name, n=n, year=1900 + n) for n in range(number + 2))
        text = f"---\ntitle: The {name}\n---\n\n{told}\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    ingest(folder, library, embedder=TinyEmbedder())
    return library


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return fill(tmp_path / "articles", tmp_path / "library")


def sizes(library: Library) -> list[int]:
    return sorted(summary.passages for summary in library.articles())


def audit(path: Path) -> None:
    """The library is whole, with the other embedder and small passages."""
    with open_library(path, embedder=TinyEmbedder(**OTHER)) as opened:
        assert check_health(opened) == ()
        assert sizes(opened) == [number + 2 for number in range(ARTICLES)]
        (found, *_) = opened.search("When was the belfry of Esk painted?", k=1)
        assert found.source.title == "The belfry" and found.passage.text.count(".") == 1
    left = {entry.name for entry in path.iterdir()}
    assert not left & {"next"} and {"chroma", "keywords"} <= left


def small(library: Path | Library, embedder: TinyEmbedder | None = None) -> None:
    reindex(
        library,
        embedder=embedder or TinyEmbedder(**OTHER),
        passage_tokens=18,
        overlap_tokens=0,
    )


def test_embedder_and_size_change_and_stay(library: Path) -> None:
    with open_library(library, embedder=TinyEmbedder()) as opened:
        assert sizes(opened) == [1] * ARTICLES
        before = [opened.article(each.source.id) for each in opened.articles()]
    reports: list[Progress] = []
    made = reindex(
        library,
        embedder=TinyEmbedder(**OTHER),
        passage_tokens=18,
        overlap_tokens=0,
        progress=reports.append,
    )
    assert (made.articles, made.passages, made.passage_tokens) == (8, sum(range(2, 10)), 18)
    assert [report.done for report in reports] == list(range(1, ARTICLES + 1))
    assert {report.total for report in reports} == {ARTICLES}
    audit(library)
    with open_library(library, embedder=TinyEmbedder(**OTHER)) as opened:
        assert [opened.article(each.source.id) for each in opened.articles()] == before
        fresh = library.parent / "fresh.md"
        told = [SENTENCES.format(name="mill", n=n, year=1900) for n in range(3)]
        fresh.write_text(" ".join(told), encoding="utf-8")
        ingest(fresh, opened)
        assert opened.articles()[-1].passages == 3, "later articles are cut alike"
        assert check_health(opened) == ()


CHILD = """
import os, signal
from rag.ingestion import reindexing as work, reindex
from rag.store import reindexing
from rag.store.index_sync import Indexes
work.BATCH_PASSAGES = 10

def child(library, point):
    name, _, calls = point.partition(":")
    left = [int(calls or 1)]
    where = {"put": reindexing.Reindexing, "_exchange": reindexing.Reindexing,
             "open": Indexes, "replace": os, "settle": reindexing}[name]
    real = getattr(where, name)
    def dying(*values, **named):
        found = real(*values, **named)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    setattr(where, name, dying)
    reindex(library, embedder=TinyEmbedder("other", 64), passage_tokens=18, overlap_tokens=0)
"""
# What has been done, and how many calls of it, when the process is killed.
POINTS = ("put", "put:2", "open", "_exchange", *(f"replace:{n}" for n in range(2, 8)), "settle")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_killed_at_any_point_it_goes_on_or_was_done(library: Path, tmp_path: Path) -> None:
    whole = 0
    embedded: dict[str, int] = {}
    with nursery(CHILD) as children:
        for number, point in enumerate(POINTS):
            copy = shutil.copytree(library, tmp_path / f"library{number}")
            assert children.run(copy, point), f"{point} was never reached"
            again = TinyEmbedder(**OTHER)
            with open_library(copy) as opened:
                assert [f for f in check_health(opened) if f.kind != "mended"] == []
                found = opened.search("When was the belfry painted?", k=1, how="keyword")
                assert found[0].source.title == "The belfry"
                if opened.catalog.identity() != again.identity:
                    small(opened, again)
                    embedded[point] = len({text.split()[1] for text in again.embedded})
                else:
                    whole += 1
            audit(copy)
    assert 0 < embedded.pop("put:2") < embedded.pop("put") < ARTICLES
    assert set(embedded.values()) == {0} and "open" in embedded
    assert whole >= 5, "kills after the switch"


class Slow(TinyEmbedder):
    """Calls back before it embeds."""

    def __init__(self, before: Callable[[], None], **known: object) -> None:
        super().__init__(**known)  # type: ignore[arg-type]
        self._before = before

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._before()
        return super().embed(texts)


def test_questions_are_answered_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "library"
    folder = write_articles(tmp_path / "articles")
    with open_library(path, embedder=TinySpanEmbedder(), create=True) as opened:
        ingest(folder, opened)
        answers: list[str] = []
        done = threading.Event()

        def keep_asking() -> None:
            settings = Settings(library=path, reader="none")
            while not done.is_set():
                answers.append(answer(QUESTION, library=opened, settings=settings).text)

        def wait() -> None:
            before = len(answers)
            # It answers with this embedder itself, later.
            here = threading.current_thread() is not asking
            while here and asking.is_alive() and len(answers) < before + 2:
                time.sleep(0.01)

        asking = threading.Thread(target=keep_asking)
        asking.start()
        try:
            for passage_tokens, dimension in ((16, 64), (200, 384), (16, 384)):
                other = Slow(wait, name="other", dimension=dimension)
                reindex(opened, embedder=other, passage_tokens=passage_tokens, overlap_tokens=0)
        finally:
            wait()
            done.set()
            asking.join()
        assert len(answers) >= 8 and set(answers) == {
            f"Esk Times writes: {ESK_TEXT.partition('.')[0]}."
        }
        assert check_health(opened) == ()


def test_articles_that_come_and_go_meanwhile_are_not_missed(library: Path) -> None:
    folder = library.parent / "articles"
    with open_library(library, embedder=TinyEmbedder()) as opened:

        def change() -> None:
            if (folder / "belfry.md").exists():
                (folder / "late.md").write_text("The mill of Esk was painted late.")
                (folder / "belfry.md").unlink()
                ingest(folder, opened, prune=True)

        reindex(opened, embedder=Slow(change, **OTHER), passage_tokens=18, overlap_tokens=0)
        assert check_health(opened) == ()
        assert len(opened.articles()) == ARTICLES
        assert opened.search("mill", k=1)[0].passage.text == "The mill of Esk was painted late."
        assert opened.catalog.identity() == TinyEmbedder(**OTHER).identity


def test_what_cannot_be_done_is_said_and_changes_nothing(library: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        reindex(tmp_path / "nowhere", embedder=TinyEmbedder())
    with pytest.raises(SettingsError, match="all-MiniLM-L6-v2-int8"):
        reindex(library, embedder="all-MiniLM-L6-v2-int9")
    with pytest.raises(SettingsError, match="16 to 8,000"):
        reindex(library, embedder=TinyEmbedder(), passage_tokens=3)
    with pytest.raises(SettingsError, match="half"):
        reindex(library, embedder=TinyEmbedder(), passage_tokens=20, overlap_tokens=19)
    with open_library(library) as opened, pytest.raises(LibraryBusy):
        reindex(library, embedder=TinyEmbedder())
    with open_library(library, embedder=TinyEmbedder()) as opened:
        first = Reindexing(opened, TinyEmbedder("one"), {})
        Reindexing(opened, TinyEmbedder("two"), {})
        with pytest.raises(LibraryBusy, match="another reindex"):
            first.put(())
        opened.catalog.freeze(library)
        with pytest.raises(LibraryFull, match="read-only"):
            reindex(opened, embedder=TinyEmbedder("three"))
    with open_library(library, embedder=TinyEmbedder()) as opened:
        assert check_health(opened) == () and sizes(opened) == [1] * ARTICLES


def test_a_full_disk_keeps_what_was_done(library: Path) -> None:
    with open_library(library, embedder=TinyEmbedder()) as opened:
        with opened.catalog.reading() as db:
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {pages + 12}")
        with pytest.raises(LibraryFull, match="full"):
            reindex(opened, embedder=TinyEmbedder("wide", 4_000))
        assert sizes(opened) == [1] * ARTICLES and opened.search("belfry")
        with opened.catalog.reading() as db:
            db.execute("PRAGMA max_page_count = 1000000")
        reindex(opened, embedder=TinyEmbedder("wide", 4_000))
        assert check_health(opened) == ()


def test_an_altered_article_and_one_that_must_stay_are_refused(library: Path) -> None:
    far = TinyEmbedder("far")
    far.destination = Destination("far", "api.example.org", "US")
    with open_library(library, embedder=TinyEmbedder()) as opened:
        with opened.catalog.writing() as db:
            db.execute("UPDATE articles SET keep_local = 1 WHERE title = 'The belfry'")
        with pytest.raises(PolicyRefused, match="keep_local in 1 articles, such as 'The belfry'"):
            reindex(opened, embedder=far)
        with pytest.raises(LibraryDamaged, match=r"'The belfry' .* has changed"):
            reindex(opened, embedder=TinyEmbedder("near"))
        assert far.embedded == []


def test_the_command_gives_a_library_of_another_embedder_the_built_in_one(library: Path) -> None:
    ran = CliRunner().invoke(app, ["reindex", "--library", str(library)])
    assert ran.exit_code == 0, ran.output
    assert "Indexed 8 articles again: 8 passages, by all-MiniLM-L6-v2-int8" in ran.output
    found = answer(
        QUESTION.replace("harbour", "belfry"), library=library, settings=Settings(library=library)
    )
    assert found.evidence[0].source.title == "The belfry"
    with open_library(library) as opened:
        assert check_health(opened) == ()

"""A server frees space while nothing is asked or changed, and at no other time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Library, Settings, open_library
from rag.store import check_health
from tiny_embedder import TinyEmbedder
from ui.idle import Activity, Counted
from ui.service import Service

ARTICLES, ROUNDS = 12, 14
SOON = 0.05


def write_round(folder: Path, number: int) -> None:
    folder.mkdir(exist_ok=True)
    for boat in range(ARTICLES):
        nets = " ".join(f"Boat {boat} of {number} carries {n} nets." for n in range(120))
        (folder / f"{boat}.md").write_text(f"# Boat {boat}\n\n{nets}\n", encoding="utf-8")


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def deleted(library: Library) -> int:
    return int(library.catalog.note("deleted_rows") or 0)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        yield opened


@pytest.mark.slow
def test_a_served_library_stays_near_a_fresh_one(library: Library, tmp_path: Path) -> None:
    with open_library(tmp_path / "fresh", embedder=TinyEmbedder(), create=True) as fresh:
        write_round(tmp_path / "articles", 0)
        Service(fresh, settings=Settings(library=fresh.path)).ingest([tmp_path / "articles"])
    service = Service(library, settings=Settings(library=library.path))
    service.compact_when_idle(SOON)
    for number in range(ROUNDS):
        write_round(tmp_path / "articles", number)
        receipt = service.ingest([tmp_path / "articles"])
        assert len(receipt.added) + len(receipt.updated) == ARTICLES
        assert eventually(lambda: deleted(library) == 0)
    service.close()
    assert check_health(library) == ()
    library.close()
    assert size(library.path) < 1.6 * size(tmp_path / "fresh")


def test_nothing_is_done_while_an_answer_is_made() -> None:
    activity, done = Activity(), []
    events = Counted(iter([1, 2]), activity, lambda: None)
    assert not activity.alone_after(0, lambda: done.append("early"))
    assert list(events) == [1, 2]
    assert not activity.alone_after(60, lambda: done.append("too soon"))
    assert activity.alone_after(0, lambda: done.append("idle"))
    assert done == ["idle"]


def test_an_answer_that_nobody_reads_any_more_keeps_nothing_waiting() -> None:
    activity = Activity()
    events = Counted(iter([1]), activity, lambda: None)
    del events
    assert activity.alone_after(0, lambda: None)


def test_a_question_waits_for_what_runs_alone() -> None:
    activity, order = Activity(), []
    begun, go_on = threading.Event(), threading.Event()

    def alone() -> None:
        begun.set()
        assert go_on.wait(10)
        order.append("alone")

    def ask() -> None:
        with activity.running():
            order.append("asked")

    threads = [threading.Thread(target=lambda: activity.alone_after(0, alone))]
    threads[0].start()
    assert begun.wait(10)
    threads.append(threading.Thread(target=ask))
    threads[1].start()
    assert not activity.alone_after(0, lambda: order.append("twice"))
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert order == ["alone", "asked"]

"""A dry run gives the receipt of a real run and leaves every file as it is."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from llama_index.core.schema import Document

from rag import ArticleError, EmbedderChanged, LibraryBusy, LibraryDamaged, Receipt, open_library
from rag.ingestion import ingest, run
from tiny_embedder import TinyEmbedder
from web_site import web_site


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def state(folder: Path) -> dict[str, str]:
    """Every file below a folder, with the hash of its bytes."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def told(receipt: Receipt) -> Receipt:
    return replace(receipt, seconds=0.0)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Articles of which each has one thing to be told about."""
    folder = tmp_path / "articles"
    for noun in ("lion", "car", "tea", "mill"):
        write(folder / f"{noun}.md", f"# The {noun}\n\nThe {noun} is described here in full.")
    return folder


def change(articles: Path) -> None:
    write(articles / "lion.md", "# The lion\n\nThe lion is described here in other words.")
    write(articles / "new.md", "# The bridge\n\nThe bridge is described here for the first time.")
    write(articles / "copy.md", (articles / "car.md").read_text(encoding="utf-8").strip())
    write(articles / "two.md", "# The bridge\n\nThe bridge is described here for the first time.")
    write(articles / "broken.json", "{")
    write(articles / "picture.png", "no article")
    (articles / "tea.md").unlink()
    (articles / "mill.md").rename(articles / "moved.md")


@pytest.mark.parametrize("prune", [False, True], ids=["keeping", "pruning"])
@pytest.mark.parametrize("batch", [1, 64], ids=["one-by-one", "together"])
def test_it_tells_what_a_real_run_then_does(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prune: bool, batch: int
) -> None:
    monkeypatch.setattr(run, "BATCH_PASSAGES", batch)
    library, embedder = tmp_path / "library", TinyEmbedder()
    documents = [Document(text="The tram is described by a reader.", id_="tram")]
    ingest(articles, library, embedder=embedder, documents=documents)
    change(articles)
    documents = [Document(text="The tram is described by a reader again.", id_="tram")]
    before = state(library)
    tried = ingest(
        articles, library, documents=documents, prune=prune, dry_run=True, embedder=embedder
    )
    assert state(library) == before
    assert len(tried.updated) == 2 and tried.failed and tried.skipped
    assert len(tried.removed) == (1 if prune else 0)
    done = ingest(articles, library, documents=documents, prune=prune, embedder=embedder)
    assert told(tried) == told(done)


def test_an_open_library_is_left_alone_too(articles: Path, tmp_path: Path) -> None:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        ingest(articles, library)
        places, ids = dict(library.places()), library.article_ids()
        change(articles)
        tried = ingest(articles, library, prune=True, dry_run=True)
        assert (dict(library.places()), library.article_ids()) == (places, ids)
        assert told(tried) == told(ingest(articles, library, prune=True))


def test_no_library_is_created(articles: Path, tmp_path: Path) -> None:
    before = state(tmp_path)
    receipt = ingest(articles, tmp_path / "library", dry_run=True, embedder=TinyEmbedder())
    assert len(receipt.added) == 4
    assert state(tmp_path) == before and not (tmp_path / "library").exists()


def test_nothing_is_embedded_or_asked(articles: Path, tmp_path: Path) -> None:
    class Never(TinyEmbedder):
        def embed(self, texts: object) -> object:  # type: ignore[override]
            raise AssertionError("a dry run embeds nothing")

    with web_site() as site:
        address = site.put("/page", "<p>A page.</p>")
        receipt = ingest([articles, address], tmp_path / "library", dry_run=True, embedder=Never())
        assert not site.asked
    assert len(receipt.added) == 4
    assert [(each.origin, each.reason) for each in receipt.skipped] == [
        (address, "A dry run asks no web site.")
    ]


def test_what_a_killed_process_left_counts(articles: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    with open_library(library, embedder=TinyEmbedder(), create=True) as opened:
        ingest(articles, opened)
        killed = tmp_path / "killed"
        killed.mkdir()
        for path in library.glob("catalog.sqlite3*"):
            shutil.copyfile(path, killed / path.name)
    assert (killed / "catalog.sqlite3-wal").stat().st_size > 0
    before = state(killed)
    receipt = ingest(articles, killed, dry_run=True, embedder=TinyEmbedder())
    assert len(receipt.unchanged) == 4 and not receipt.added
    assert state(killed) == before


def test_a_library_that_cannot_be_read_is_said(articles: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    with open_library(library, embedder=TinyEmbedder(), create=True) as opened:
        ingest(articles, opened)
        with pytest.raises(LibraryBusy):
            ingest(articles, library, dry_run=True)
    with pytest.raises(EmbedderChanged):
        ingest(articles, library, dry_run=True, embedder=TinyEmbedder("another"))
    with pytest.raises(ArticleError):
        ingest(tmp_path / "nothing", library, dry_run=True)
    with sqlite3.connect(library / "catalog.sqlite3") as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    with pytest.raises(LibraryDamaged):
        ingest(articles, library, dry_run=True)
    (library / "catalog.sqlite3").unlink()
    with pytest.raises(LibraryDamaged):
        ingest(articles, library, dry_run=True)

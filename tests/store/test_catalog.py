"""The catalog by itself: what it stores, what it shows, and what it refuses to open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.embedding.base import EmbedderIdentity
from rag.errors import ArticleUnknown, LibraryDamaged, LibraryFull
from rag.store.catalog import Catalog
from rag.store.records import Entry
from rag.store.schema import CATALOG_FILE
from rag.types import Article, Fact, Part, Passage, Removal, Span, parse_passage_id


def make(text: str = "One. Two.", *locations: str, title: str = "Title") -> Entry:
    article = Article.build(
        text,
        title=title,
        origin="file.md",
        url="https://example.org/a",
        publisher="Example",
        author="A. Writer",
        published=date(2025, 2, 3),
        category="news",
        removed=[Removal("menu", "Home · About")],
    )
    passage = Passage(article.id, 0, len(text), text)
    vector = np.zeros((1, 384), dtype=np.float32)
    vector[0, len(text) % 384] = 1.0
    sentences = (np.eye(2, 384, dtype=np.float16),)
    return Entry(article, (passage,), vector, locations or ("/file.md",), sentences)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path, create=True)
    yield opened
    opened.close()


def store(catalog: Catalog, *entries: Entry) -> tuple[str, ...]:
    catalog.begin(entries)
    return catalog.commit(entries)


def test_gives_back_what_it_was_given(catalog: Catalog, tmp_path: Path) -> None:
    entry = make("Ünï 😀 \x00 “q”. Two.")
    store(catalog, entry)
    catalog.set_identity(EmbedderIdentity("tiny", 384, "abc"))
    catalog.close()
    with closing(Catalog(tmp_path, create=False)) as again:
        assert again.article(entry.article.id) == entry.article
        (row,) = again.rows([entry.article.id])
        assert row.passage == entry.passages[0]
        assert row.source == entry.article.source
        np.testing.assert_array_equal(row.vector, entry.vectors[0])
        rows = again.sentence_vectors(entry.passages[0])
        np.testing.assert_array_equal(rows, np.eye(2, 384))
        assert again.identity() == EmbedderIdentity("tiny", 384, "abc")
        (summary,) = again.summaries()
        assert summary == (entry.article.source, len(entry.article.text), 1, {})


def test_pending_and_removing_articles_are_invisible(catalog: Catalog) -> None:
    entry = make()
    catalog.begin([entry])
    for _ in range(2):
        assert catalog.unfinished() == (entry.article.id,)
        assert catalog.ready_ids() == frozenset()
        assert catalog.summaries() == catalog.sources() == catalog.passage_ids() == ()
        assert catalog.articles([entry.article.id]) == {}
        assert catalog.texts([entry.passages[0].id]) == {}
        assert not list(catalog.rows([entry.article.id]))
        assert catalog.places() == {}
        with pytest.raises(ArticleUnknown):
            catalog.article(entry.article.id)
        # Second round: ready, then removing.
        catalog.commit([entry])
        catalog.retire([entry.article.id])


def test_changed_article_takes_its_place_in_one_step(catalog: Catalog) -> None:
    old, new = make("Old text.", "/a"), make("New text.", "/a")
    assert store(catalog, old) == ()
    assert store(catalog, new) == (old.article.id,)
    assert catalog.ready_ids() == {new.article.id}
    assert catalog.unfinished() == (old.article.id,)
    catalog.erase([old.article.id])
    assert catalog.passage_ids([old.article.id]) == ()


def test_article_with_two_places_stays_until_both_are_gone(catalog: Catalog) -> None:
    entry = make("Text.", "/a", "/b")
    store(catalog, entry)
    assert catalog.unplace(["/a"]) == ()
    assert catalog.unplace(["/b"]) == (entry.article.id,)


def test_retiring_is_all_or_nothing(catalog: Catalog) -> None:
    entry = make()
    store(catalog, entry)
    with pytest.raises(ArticleUnknown, match="nobody"):
        catalog.retire([entry.article.id, "nobody"])
    assert catalog.ready_ids() == {entry.article.id}


def test_passage_ids_are_read_back() -> None:
    passage = Passage("a:b", 3, 5, "xy")
    assert parse_passage_id(passage.id) == ("a:b", *Span(3, 5))


def test_durable_settings_are_on(catalog: Catalog) -> None:
    db = catalog._connection
    values = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_vectors_must_have_unit_length() -> None:
    entry = make()
    for wrong in (entry.vectors * 2, entry.vectors * np.nan, entry.vectors[:0], entry.vectors[0]):
        with pytest.raises(ValueError, match=r"unit length|as many vectors"):
            Entry(entry.article, entry.passages, wrong, ("/a",))


def filled(folder: Path) -> Path:
    with closing(Catalog(folder, create=True)) as catalog:
        for number in range(50):
            store(catalog, make(f"Text number {number}. " * 200, f"/{number}"))
    return folder / CATALOG_FILE


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("length", [0, 50, 100, 5_000, 100_000])
def test_truncated_catalog_is_refused_unchanged(tmp_path: Path, length: int) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    before = snapshot(tmp_path)
    with pytest.raises(LibraryDamaged, match="cannot be read"):
        Catalog(tmp_path, create=True)
    assert snapshot(tmp_path) == before


def test_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / CATALOG_FILE).write_bytes(b"not a database " * 100)
    with pytest.raises(LibraryDamaged):
        Catalog(tmp_path, create=True)


def test_foreign_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / CATALOG_FILE)) as db:
        db.execute("CREATE TABLE other (x)")
    with pytest.raises(LibraryDamaged, match="did not write it"):
        Catalog(tmp_path, create=True)


def test_damage_inside_shows_as_damage(tmp_path: Path) -> None:
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(LibraryDamaged):
        Catalog(tmp_path, create=False)


def test_newer_format_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 9")
        db.execute("UPDATE meta SET value = '0.1.0 9.8.7' WHERE key = 'written_by'")
    before = snapshot(tmp_path)
    with pytest.raises(LibraryDamaged, match=r"format 9, written by Footnote 9\.8\.7; .* format 8"):
        Catalog(tmp_path, create=True)
    assert snapshot(tmp_path) == before


def test_no_room_is_not_damage(catalog: Catalog) -> None:
    pages = catalog._connection.execute("PRAGMA page_count").fetchone()[0]
    catalog._connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(LibraryFull, match="full"):
        catalog.begin([make("Long text. " * 10_000)])
    assert catalog.unfinished() == ()
    store(catalog, make("Short."))


def test_half_made_catalog_is_made_again(tmp_path: Path) -> None:
    (tmp_path / (CATALOG_FILE + ".new")).write_bytes(b"half")
    Catalog(tmp_path, create=True).close()
    Catalog(tmp_path, create=False).close()
    assert not (tmp_path / (CATALOG_FILE + ".new")).exists()


def test_parts_and_facts_are_kept(catalog: Catalog) -> None:
    entry = make()
    source = replace(entry.article.source, parts=(Part("p. iv", 0, "page=1"), Part("p. 2", 5)))
    facts = {"title": Fact("Title", "JSON-LD")}
    article = replace(entry.article, source=source, facts=facts)
    store(catalog, replace(entry, article=article))
    assert catalog.article(article.id) == article
    assert catalog.summaries()[0].facts == facts
    assert [part.label for part in source.within(6, 9).parts] == ["p. 2"]
    assert source.within(0, 5).parts == source.parts[:1]

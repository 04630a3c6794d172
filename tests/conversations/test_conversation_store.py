"""Stored conversations: what was said stays, whatever becomes of the articles."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import (
    ConversationUnknown,
    Filters,
    Library,
    LibraryDamaged,
    Settings,
    SettingsError,
    Span,
    answer,
    ingest,
    open_library,
)
from small_library import ESK, ESK_TEXT, QUESTION, ask
from tiny_embedder import TinySpanEmbedder


def test_a_conversation_is_the_same_after_the_library_was_closed(
    folder: Path, tmp_path: Path
) -> None:
    with open_library(tmp_path / "l", embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        first, second = ask(library), ask(library, "What did Tarn plant?")
        filters = Filters(not_articles=("x",))
        kept, number = library.conversations.append(first)
        again, following = library.conversations.append(
            second, conversation_id=kept, filters=filters
        )
    assert (again, number, following) == (kept, 1, 2)
    with open_library(tmp_path / "l", embedder=TinySpanEmbedder()) as library:
        opened = library.conversations.get(kept)
        assert opened.history == (first, second)
        assert [turn.filters for turn in opened.turns] == [None, filters]
        assert opened.title == QUESTION and opened.summary.turns == 2
        assert library.conversations.get(kept, last=1).history == (second,)
        assert not library.conversations.stale_sources(opened.history)


def test_ids_tell_conversations_apart_and_are_no_chance(library: Library) -> None:
    found = ask(library)
    ids = [library.conversations.append(found)[0] for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(len(kept) == 16 and int(kept, 16) >= 0 for kept in ids)


def test_they_are_listed_by_last_use_renamed_and_searched(library: Library) -> None:
    kept = library.conversations
    esk = kept.append(ask(library))[0]
    tarn = kept.append(ask(library, "What did Tarn plant?"))[0]
    assert [item.id for item in kept.search()] == [tarn, esk]
    kept.append(ask(library, "Boats left when?"), conversation_id=esk)
    assert [item.id for item in kept.search()] == [esk, tarn] and kept.resolve_id("last") == esk
    assert [item.id for item in kept.search(limit=1)] == [esk]
    assert kept.rename(tarn, "  Trees\nof   Tarn’s ").title == "Trees of Tarn’s"
    for words, found in (
        ("boats", [esk]),
        ("ESK  TIMES", [esk]),
        ("tarn's", [tarn]),
        ("oaks", [tarn]),
        ("oaks monday", []),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE turns", []),
        ("", [esk, tarn]),
    ):
        assert [item.id for item in kept.search(words)] == found, words
    for title in ("", " \n ", "x" * 121):
        with pytest.raises(SettingsError, match="title"):
            kept.rename(esk, title)
    for unknown in ("", "none", "' OR 1=1"):
        for change in (kept.get, kept.delete, lambda one: kept.rename(one, "x")):
            with pytest.raises(ConversationUnknown, match="footnote conversations"):
                change(unknown)
        with pytest.raises(ConversationUnknown):
            kept.append(ask(library), conversation_id=unknown)


def test_what_is_removed_is_in_no_file_but_of_a_conversation(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "garden.md").write_text("# Garden\n\nTarn planted zinnias beside the quay.\n")
    (article_id,) = ingest([tmp_path / "garden.md"], library=library).added
    kept, _ = library.conversations.append(ask(library, "What did Tarn plant beside the quay?"))
    assert library.conversations.holding(["unknown"]) == ()
    assert library.conversations.holding([article_id, "unknown"]) == (kept,)
    library.remove([article_id])
    library.compact()
    assert library.conversations.holding([article_id]) == (kept,)
    assert {file.name for file in files_with(b"zinnia", library.path)} == {"catalog.sqlite3"}
    library.conversations.delete(kept)
    library.compact()
    assert library.conversations.holding([article_id]) == ()
    assert files_with(b"zinnia", library.path) == []


def files_with(word: bytes, folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [file for file in files if word in file.read_bytes()]


def test_what_is_deleted_is_in_no_file_any_more(library: Library) -> None:
    kept, other = (
        library.conversations.append(ask(library))[0],
        ask(library, "What did Tarn plant?"),
    )
    secret = replace(other, question="Is the word heliotrope in here?")
    stays = library.conversations.append(other)[0]
    for _ in range(40):
        library.conversations.append(secret, conversation_id=kept)
    files = tuple(library.path.glob("catalog.sqlite3*"))
    assert any(b"heliotrope" in file.read_bytes() for file in files)
    library.conversations.delete(kept)
    assert not any(b"heliotrope" in file.read_bytes() for file in files)
    assert [item.id for item in library.conversations.search()] == [stays]
    with library.catalog.reading() as db:
        for table in ("turns", "turn_articles"):
            rows = db.execute(f"SELECT DISTINCT conversation FROM {table}").fetchall()
            assert rows == [(stays,)]
    assert not library.catalog.faults()


def test_odd_characters_are_kept_as_they_are(library: Library) -> None:
    odd = replace(ask(library), question="A lone \ud800, a NUL \0 and 漢字?")
    kept, _ = library.conversations.append(odd)
    assert library.conversations.get(kept).history == (odd,)
    assert [item.id for item in library.conversations.search("漢字")] == [kept]
    assert library.conversations.search("\ud800 \0") == library.conversations.search("? \0")
    library.conversations.get(kept).to_markdown()


def test_several_may_keep_at_once(library: Library) -> None:
    found = ask(library)
    kept, _ = library.conversations.append(found)
    with ThreadPoolExecutor(8) as pool:
        done = [
            pool.submit(library.conversations.append, found, conversation_id=kept)
            for _ in range(40)
        ]
        numbers = [each.result()[1] for each in done]
    assert sorted(numbers) == list(range(2, 42))
    opened = library.conversations.get(kept)
    assert [turn.number for turn in opened.turns] == list(range(1, 42))


def test_keeping_does_not_make_the_library_forget_its_names(library: Library) -> None:
    before = library.catalog.changes
    library.conversations.delete(library.conversations.append(ask(library))[0])
    assert library.catalog.changes == before
    library.remove([library.articles()[0].source.id])
    assert library.catalog.changes > before


def test_a_kept_answer_that_cannot_be_read_is_damage(library: Library) -> None:
    kept, _ = library.conversations.append(ask(library))
    with library.catalog.writing() as db:
        db.execute("UPDATE turns SET answer = '{}'")
    with pytest.raises(LibraryDamaged, match="kept answer"):
        library.conversations.get(kept)


def test_an_article_that_changed_leaves_the_kept_words_alone(
    library: Library, folder: Path
) -> None:
    found = ask(library)
    citation = next(citation for sentence in found.sentences for citation in sentence.citations)
    kept, _ = library.conversations.append(found)
    (folder / "esk.md").write_text(ESK + "Late news. " + ESK_TEXT, encoding="utf-8")
    (newer,) = ingest([folder], library=library).updated
    assert library.conversations.get(kept).history == (found,)
    (gone,) = library.conversations.stale_sources([found]).values()
    assert (gone.source.id, gone.replacement_id) == (citation.article_id, newer)
    span = Span(citation.start, citation.end)
    words = library.conversations.archived_passage(citation.article_id, span)
    assert words and words.span == span and words.evidence == found.evidence_of(citation)
    assert words.evidence.passage.text[span.start : span.end].endswith(citation.quote)
    assert library.conversations.archived_passage(citation.article_id, None)
    library.remove([newer])
    (gone,) = library.conversations.stale_sources([found]).values()
    assert gone.replacement_id is None
    passage = found.evidence_of(citation).passage
    wide = library.conversations.archived_passage(citation.article_id, Span(0, 10_000))
    assert wide and wide.span == Span(passage.start, passage.end)
    for odd in (Span(9_000, 10_000), Span(5, 5), Span(9, 2), Span(-1, 4)):
        assert library.conversations.archived_passage(citation.article_id, odd) is None
    library.conversations.delete(kept)
    assert library.conversations.archived_passage(citation.article_id, span) is None


TOWNS = ("Esk", "Tarn", "Hven", "Ulm")
STEP = st.sampled_from(["ask", "change", "remove", "reopen"])


@given(st.lists(st.tuples(STEP, st.sampled_from(TOWNS)), min_size=4, max_size=10))
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_earlier_numbers_never_point_at_other_words(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    """Whatever is asked, changed and taken out: a number leads to its words or says they left."""
    folder = tmp_path_factory.mktemp("towns")
    texts = {town: f"The harbour of {town} reopened on Monday.\n" for town in TOWNS}
    library = open_library(folder / "library", embedder=TinySpanEmbedder(), create=True)
    kept, said = None, []
    try:
        for step, town in [("change", "Esk"), ("ask", "Esk"), *steps]:
            if step == "change":
                texts[town] = f"Boats left {town} at {len(said)} o’clock. {texts[town]}"
                (folder / f"{town}.md").write_text(f"---\ntitle: {town}\n---\n{texts[town]}")
                ingest([folder / f"{town}.md"], library=library)
            elif step == "remove":
                library.remove([a.source.id for a in library.articles() if a.source.title == town])
            elif step == "reopen":
                library.close()
                library = open_library(folder / "library", embedder=TinySpanEmbedder())
            elif library.articles():
                question = f"When did the harbour of {town} reopen?"
                found = answer(question, library=library, settings=Settings(library=folder))
                kept, _ = library.conversations.append(found, conversation_id=kept)
                said.append(found)
            assert kept is None or library.conversations.get(kept).history == tuple(said)
            departed = library.conversations.stale_sources(said)
            for citation in (c for each in said for s in each.sentences for c in s.citations):
                span = Span(citation.start, citation.end)
                if citation.article_id in departed:
                    words = library.conversations.archived_passage(citation.article_id, span)
                    assert words and words.span
                    shown = words.evidence.passage
                    first = words.span.start - shown.start
                    assert citation.quote == shown.text[first : words.span.end - shown.start]
                else:
                    assert library.text(citation.article_id, *span) == citation.quote
    finally:
        library.close()


def test_an_article_that_comes_back_is_no_longer_gone(library: Library, folder: Path) -> None:
    found = ask(library)
    library.remove([found.cited[0].source.id])
    assert library.conversations.stale_sources([found])
    ingest([folder], library=library)
    assert not library.conversations.stale_sources([found])


SECOND = """
DROP TABLE feedback; DROP TABLE collections;
DROP TABLE turn_articles; DROP TABLE turns; DROP TABLE conversations;
ALTER TABLE articles DROP COLUMN parts; ALTER TABLE articles DROP COLUMN facts;
ALTER TABLE articles DROP COLUMN checksum; DROP TABLE addresses;
DROP INDEX articles_by_story; ALTER TABLE articles DROP COLUMN story;
PRAGMA user_version = 2;
"""


def test_a_library_of_the_second_format_is_brought_up_to_date(
    library: Library, tmp_path: Path
) -> None:
    # That format did not keep where a fact comes from.
    articles = [each._replace(facts={}) for each in library.articles()]
    library.close()
    with closing(sqlite3.connect(library.path / "catalog.sqlite3")) as db:
        db.executescript(SECOND)
    with open_library(library.path, embedder=TinySpanEmbedder()) as opened:
        assert list(opened.articles()) == articles and opened.conversations.search() == ()
        opened.conversations.append(ask(opened))
        assert len(opened.conversations.search()) == 1
    assert (library.path / "catalog.sqlite3.format-2").exists()

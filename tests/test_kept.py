"""Kept conversations: what was said stays, whatever becomes of the articles."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import (
    Answer,
    Attempt,
    BackendInfo,
    Citation,
    ConversationUnknown,
    Evidence,
    Filters,
    Library,
    LibraryDamaged,
    Passage,
    Sentence,
    Settings,
    SettingsError,
    Source,
    Span,
    Trace,
    Usage,
    answer,
    answer_in,
    ingest,
    open_library,
)
from rag.conversations import from_jsonable, to_jsonable
from tiny_embedder import TinySpanEmbedder
from ui.chat_controller import MAX_TURNS_SHOWN, ChatTurn
from ui.chat_state import ChatState, finish_turn, history_html, restore_state
from ui.service import Service

ESK = "---\ntitle: Harbour of Esk reopens\npublisher: Esk Times\n---\n"
ESK_TEXT = "The harbour of Esk reopened on Monday. Boats left at dawn.\n"
TARN = "---\ntitle: Tarn plants trees\n---\nThe town of Tarn planted nine hundred oaks.\n"
QUESTION = "When did the harbour of Esk reopen?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "esk.md").write_text(ESK + ESK_TEXT, encoding="utf-8")
    (folder / "tarn.md").write_text(TARN, encoding="utf-8")
    return folder


@pytest.fixture
def library(folder: Path, tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        yield library


def ask(library: Library, question: str = QUESTION) -> Answer:
    found = answer(question, library=library, settings=Settings(library=library.path))
    assert not found.refused
    return found


# -- values as JSON -------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Any answer with all its parts, also odd ones."""
    text = draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
    day = draw(st.none() | st.dates())
    source = Source("a1", draw(TEXT) or "t", origin="o", published=day, url=draw(st.none() | TEXT))
    evidence = Evidence(
        Passage("a1", 5, 5 + len(text), text), source, 1, draw(st.floats(0, 9)), ("dense",)
    )
    citation = Citation("a1", 5, 5 + len(text), text)
    sentence = Sentence(
        draw(TEXT), (citation,), "partly", draw(st.floats(0, 1)), draw(TEXT), (Span(0, 2),)
    )
    trace = Trace(
        {"total": draw(st.floats(0, 9))},
        tried=(Attempt("x", draw(TEXT)),),
        left_machine=("h",),
        reasoning=draw(TEXT),
        usage=draw(st.none() | st.just(Usage(1, 2, 0.5))),
        understood={"text": draw(TEXT), "publishers": [["A", "B"]]},
    )
    return Answer(draw(TEXT), (sentence,), (evidence,), BackendInfo("m"), False, True, trace)


@given(answers())
def test_an_answer_survives_json_without_loss(given_answer: Answer) -> None:
    assert from_jsonable(Answer, json.loads(json.dumps(to_jsonable(given_answer)))) == given_answer


def test_fields_of_other_versions_are_passed_over_or_take_their_defaults() -> None:
    plain = to_jsonable(Filters(publishers=("A",), after=date(2024, 1, 2)))
    plain["colour"] = "red"
    del plain["categories"]
    assert from_jsonable(Filters, plain) == Filters(publishers=("A",), after=date(2024, 1, 2))
    with pytest.raises(ValueError, match="no Source"):
        from_jsonable(Source, {"id": "x"})


# -- keeping --------------------------------------------------------------------------------------


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


def test_a_page_shows_the_end_of_a_long_conversation_and_links_to_the_rest(
    library: Library,
) -> None:
    found = ask(library)
    kept = None
    for _ in range(MAX_TURNS_SHOWN + 30):
        kept, _ = library.conversations.append(found, conversation_id=kept)
    assert kept
    talk = restore_state(Service(library), kept)
    assert [turn.number for turn in talk.turns] == list(range(31, MAX_TURNS_SHOWN + 31))
    html = history_html(talk)
    assert f'<a href="/conversations/{kept}">30 earlier questions' in html
    assert html.count('id="turn-') == MAX_TURNS_SHOWN and talk.next_number == MAX_TURNS_SHOWN + 31
    for _ in range(3):
        turn = finish_turn(Service(library), talk, ChatTurn("?", "", found), Filters(), keep=True)
        talk = talk.followed_by(turn)
    assert (len(talk.turns), talk.earlier) == (MAX_TURNS_SHOWN, 33)


def test_a_full_disk_is_said_below_the_answer(library: Library) -> None:
    found = ask(library)
    with library.catalog.reading() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}")
    large = replace(found, trace=replace(found.trace, reasoning="x" * 1_000_000))
    turn = finish_turn(
        Service(library), ChatState(), ChatTurn("?", "", large), Filters(), keep=True
    )
    assert turn.conversation_id is None and turn.number == 1
    assert "could not be kept" in turn.body and "reopened on Monday" in turn.body
    assert library.conversations.search() == ()


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


# -- articles come and go -------------------------------------------------------------------------


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


# -- asking on, exporting -------------------------------------------------------------------------


def test_a_follow_up_after_reopening_uses_the_kept_history(library: Library) -> None:
    settings = Settings(library=library.path)
    first = answer_in("new", "What did Tarn plant?", library=library, settings=settings)
    then = answer_in("last", "and when did it?", library=library, settings=settings)
    assert then.conversation_id == first.conversation_id and then.turn_number == 2
    assert "Tarn" in library.conversations.get(first.conversation_id).turns[1].rewritten_question
    assert then.to_dict()["conversation"] == {"id": first.conversation_id, "number": 2}
    with pytest.raises(ConversationUnknown):
        answer_in("nope", "Why?", library=library, settings=settings)
    off = replace(settings, keep_conversations=False)
    with pytest.raises(SettingsError, match="keep_conversations"):
        answer_in("last", "Why?", library=library, settings=off)
    assert library.conversations.search()[0].turns == 2


def test_numbers_of_one_answer_do_not_meet_those_of_another(library: Library) -> None:
    kept, _ = library.conversations.append(ask(library))
    library.conversations.append(ask(library, "What did Tarn plant?"), conversation_id=kept)
    text = library.conversations.get(kept).to_markdown()
    notes = [line.split(":")[0] for line in text.splitlines() if line.startswith("[^")]
    assert len(notes) >= 2 and len(set(notes)) == len(notes)
    assert {note.split("-")[0] for note in notes} == {"[^1", "[^2"}
    assert "“The harbour of Esk reopened on Monday.”" in text and "Esk Times" in text


def test_an_export_says_which_filters_were_set(library: Library) -> None:
    filters = Filters(publishers=("Esk Times", "X"), after=date(2024, 1, 2))
    kept, _ = library.conversations.append(ask(library), filters=filters)
    text = library.conversations.get(kept).to_markdown()
    assert "*Filters: publishers Esk Times, X; after 2024-01-02*" in text


def test_nothing_in_an_export_becomes_a_link_or_an_image(library: Library) -> None:
    found = ask(library)
    planted = "![x](https://exfil.example/p.png) <img src=x> [a]: b"
    sentence = replace(found.sentences[0], text=planted)
    kept, _ = library.conversations.append(
        replace(found, question=planted, sentences=(sentence, *found.sentences[1:]))
    )
    text = library.conversations.get(kept).to_markdown()
    assert r"\!\[x\](https" in text and r"\<img src=x\>" in text
    bare = re.sub(r"\\.|\[\^1-\d+\]", "", text)
    assert not set(bare) & set("[]<>!`")


# -- the catalog's format -------------------------------------------------------------------------

SECOND = """
DROP TABLE turn_articles; DROP TABLE turns; DROP TABLE conversations;
PRAGMA user_version = 2;
"""


def test_a_library_of_the_second_format_is_brought_up_to_date(
    library: Library, tmp_path: Path
) -> None:
    articles = library.articles()
    library.close()
    with closing(sqlite3.connect(library.path / "catalog.sqlite3")) as db:
        db.executescript(SECOND)
    with open_library(library.path, embedder=TinySpanEmbedder()) as opened:
        assert opened.articles() == articles and opened.conversations.search() == ()
        opened.conversations.append(ask(opened))
        assert len(opened.conversations.search()) == 1
    assert (library.path / "catalog.sqlite3.format-2").exists()

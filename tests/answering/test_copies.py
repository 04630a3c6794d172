"""A story that several newspapers print is one source of an answer, which names the others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from llama_index.core.schema import Document

from articles import AGENCY_STORY
from rag import Answer, Filters, Library, Settings, answer, ingest, open_library
from rag.cli.ask import print_sources
from rag.store import check_health
from rules_alone import verify_by_rules
from tiny_embedder import TinySpanEmbedder
from ui.render import answer_html

STORY = f"{AGENCY_STORY} Repairs of the bridge of Esk cost $12 million."
# Each has something of its own; the Mail's figure differs.
PRINTED = {
    "Agency": STORY,
    "Gazette": f"The agency reports this from Esk today. {STORY}",
    "Mail": STORY.replace("$12 million", "$19 million") + " The mayor of Esk keeps bees.",
}
OTHER = "The town of Tarn planted nine hundred oaks. " * 3
QUESTION = "When was the viaduct of Esk repaired?"
BEES = "The bees of the mayor have a colour that is called amber by those who keep them. "


def fill(library: Library, **texts: str) -> None:
    documents = [
        Document(text=text, id_=name, metadata={"title": f"Esk in the {name}", "publisher": name})
        for name, text in texts.items()
    ]
    assert len(ingest(library=library, documents=documents).failed) == 0


def ask(library: Library, question: str = QUESTION, **options: object) -> Answer:
    settings = Settings(library=library.path, reader="none")
    return answer(question, library=library, settings=settings, **options)  # type: ignore[arg-type]


def by_publisher(library: Library) -> dict[str | None, str]:
    return {each.source.publisher: each.source.id for each in library.articles()}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as opened:
        fill(opened, **PRINTED, Tarn=OTHER)
        yield opened


def test_a_story_is_one_source_and_names_where_else_it_stands(library: Library) -> None:
    given = ask(library)
    ids = by_publisher(library)
    (source,) = given.cited_sources.values()
    others = sorted({ids[name] for name in PRINTED} - {source.id})
    assert source.publisher in PRINTED
    assert [copy.id for copy in source.copies] == others
    assert sum(item.source.id in ids.values() for item in given.evidence if item.source.copies) == 1
    plain = json.loads(json.dumps(given.to_dict()))
    assert [found["copies"] for found in plain["sentences"][-1]["citations"]] == [others]
    assert plain["evidence"][0]["copies"] == others
    assert "(also in 2 others)" in given.to_markdown()
    page = answer_html(given)
    assert "Also in 2 others: " in page and "1 source" in page
    assert all(f'href="/articles/{other}"' in page for other in others)


def test_what_only_a_copy_says_is_still_found(library: Library) -> None:
    only = Filters(publishers=("Gazette",))
    assert [item.source.publisher for item in ask(library, filters=only).evidence] == ["Gazette"]
    fill(library, Post=f"{STORY} {BEES * 30}", Herald=STORY)
    found = library.search("Which colour have the bees of the mayor?")
    assert found[0].source.publisher == "Post"
    assert found[0].source.also_in == "also in 4 others"


def test_copies_do_not_disagree_with_each_other(library: Library) -> None:
    ids = by_publisher(library)
    said = "Repairs of the bridge of Esk cost $12 million."
    copies = [
        library.search("bridge", filters=Filters(articles=(ids[name],)))[0]
        for name in ("Agency", "Mail")
    ]
    apart = [
        replace(item, rank=rank, source=replace(item.source, copies=()))
        for rank, item in enumerate(copies, start=1)
    ]
    assert [s.text for s in verify_by_rules(said, apart)][1].startswith("The articles disagree")
    assert [s.text for s in verify_by_rules(said, copies)] == [said]


def test_a_summary_begins_each_story_once(library: Library) -> None:
    retriever = library.retriever()
    opening = retriever.opening_passages(retriever.sources())
    assert [bool(item.source.copies) for item in opening].count(True) == 1
    assert len(opening) == 2 and len(retriever.sources()) == 4


def test_a_story_outlives_its_first_article_and_grows(library: Library) -> None:
    library.remove([by_publisher(library)["Agency"]])
    assert ask(library).cited[0].source.also_in == "also in 1 other"
    fill(library, Herald=STORY, Post=STORY.replace("January", "early January"))
    assert ask(library).cited[0].source.also_in == "also in 3 others"


def test_a_library_of_format_7_learns_of_copies_as_they_come(tmp_path: Path) -> None:
    place = tmp_path / "library"
    with open_library(place, embedder=TinySpanEmbedder(), create=True) as library:
        fill(library, Agency=STORY)
    with closing(sqlite3.connect(place / "catalog.sqlite3")) as db:
        db.executescript(
            "DROP INDEX articles_by_story; ALTER TABLE articles DROP COLUMN story;"
            "PRAGMA user_version = 7"
        )
    with open_library(place, embedder=TinySpanEmbedder()) as library:
        assert ask(library).cited[0].source.also_in == ""
        fill(library, Gazette=PRINTED["Gazette"])
        assert ask(library).cited[0].source.also_in == "also in 1 other"
        assert [f.message for f in check_health(library)] == []


def test_the_command_line_counts_the_others(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    print_sources(ask(library).to_dict())
    assert "also in 2 others" in capsys.readouterr().out

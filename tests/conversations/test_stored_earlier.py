"""Conversations that earlier versions stored can still be opened.

``stored_conversation.json`` holds the rows of two turns as the first version with conversations
wrote them. It must never be rewritten: a renamed field of an answer needs a reader of the old name.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from rag import BackendInfo, Filters, Library, Span, Usage, open_library
from tiny_embedder import TinySpanEmbedder

ROWS = Path(__file__).parent.parent / "data" / "stored_conversation.json"


def test_a_conversation_that_an_earlier_version_stored_is_read_in_full(library: Library) -> None:
    path = library.path
    library.close()
    rows = json.loads(ROWS.read_text(encoding="utf-8"))
    with closing(sqlite3.connect(path / "catalog.sqlite3")) as db, db:
        for table, values in rows.items():
            marks = ", ".join("?" * len(values[0]))
            db.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
    with open_library(path, embedder=TinySpanEmbedder()) as opened:
        store = opened.conversations
        (summary,) = store.search("harbour")
        assert (summary.turns, summary.title) == (2, "When did the harbour of Esk reopen?")
        first, second = store.get(summary.id).turns
    assert first.filters == Filters(
        publishers=("Esk Times",),
        after=date(2024, 1, 2),
        before=date(2024, 12, 31),
        articles=("8b43799307809ed1",),
        not_articles=("x",),
        categories=("news",),
        authors=("Lena Voss",),
        ignoring=("Reuters",),
    )
    answer, trace = first.answer, first.answer.trace
    assert answer.backend == BackendInfo("mine", "some-model", "US") and not answer.complete
    assert [s.verdict for s in answer.sentences] == ["supported", "unconfirmed"]
    assert answer.sentences[1].doubts == (Span(31, 37),)
    assert answer.sentences[1].why == "No article says “Monday”."
    assert answer.evidence[0].source.published == date(2024, 3, 2)
    assert answer.evidence[0].found_by == ("dense", "neighbour")
    assert (trace.tried[0].backend, trace.tried[0].why) == ("mine", "it timed out")
    assert (trace.left_machine, trace.notes) == (("api.example.org",), ("A note.",))
    assert (trace.reasoning, trace.usage) == ("First I looked.", Usage(12, 34, 0.5))
    assert trace.seconds["total"] == 0.25 and 0.9 < (trace.chance or 0) < 1
    assert first.rewritten_question == "When did the harbour of Esk reopen?"
    assert second.filters is None and second.answer.backend.name == "extractive"
    assert "Esk Times" in second.to_markdown() and second.to_dict()["answer"]["text"]

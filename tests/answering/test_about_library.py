"""Small talk gets a useful reply, and a summary cites every article."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Library, answer, ingest, open_library

FERRY = """---
title: The Esk ferry
publisher: Esk Courier
published: 2024-03-05
---
The Esk ferry carries ninety people across the sound. It was built in 1968 by the Orl yard.
The ferry sails six times a day. Its crew has five members. A ticket costs four pounds.
The ferry was repainted green in 2019. In winter the ferry stays in the harbour on Sundays.
"""
MILL = """---
title: The Birch mill
publisher: Orl Post
published: 2024-05-01
---
The Birch mill grinds rye for eleven villages. Its owner is Ada Quill.
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("articles")
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    (folder / "mill.md").write_text(MILL, encoding="utf-8")
    with open_library(tmp_path_factory.mktemp("library"), create=True) as opened:
        assert len(ingest(folder, opened).added) == 2
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("thanks!", "You are welcome."),
        ("hello", "There are 2 articles in this library, dated 2024-03-05 to 2024-05-01"),
        ("What can you do?", "What does “The Birch mill” say?"),
        ("Danke schön!", "Gern geschehen."),
        ("¿Cuántos artículos hay?", "2 artículos (2024-03-05 – 2024-05-01; "),
        ("Quels articles y a-t-il ?", "Ce sont : “The Birch mill” (Orl Post · 2024-05-01), “"),
        ("你能做什么？", "例如：“The Birch mill”说了什么？"),
        ("How many articles are there?", "“The Esk ferry” (Esk Courier · 2024-03-05)"),
    ],
)
def test_small_talk_gets_a_reply(library: Library, question: str, said: str) -> None:
    found = answer(question, library=library)
    assert said in found.text
    assert not found.refused
    assert {sentence.verdict for sentence in found.sentences} == {"no_claim"}


def test_a_filter_restricts_what_is_counted(library: Library) -> None:
    found = answer(
        "how many articles are there", library=library, filters={"publishers": ["Orl Post"]}
    )
    assert "There is 1 article" in found.text


def test_the_examples_that_it_gives_are_answered(library: Library) -> None:
    helped = answer("What can you do?", library=library)
    examples = [s.text.partition(": ")[2] for s in helped.sentences if "example" in s.text]
    assert len(examples) == 2
    assert all(answer(example, library=library).cited for example in examples)


def test_a_summary_cites_every_article(library: Library) -> None:
    found = answer("summarise the articles", library=library)
    cited = [s.citations[0].quote for s in found.sentences if s.citations]
    assert cited == [
        "The Birch mill grinds rye for eleven villages.",
        "The Esk ferry carries ninety people across the sound.",
    ]


def test_more_is_said_until_nothing_is_left(library: Library) -> None:
    history = [answer("What does a ticket for the Esk ferry cost?", library=library)]
    quoted: list[str] = []
    while not history[-1].refused:
        quoted += [c.quote for s in history[-1].sentences for c in s.citations]
        history.append(answer("tell me more", library=library, history=history))
    assert len(quoted) == len(set(quoted)) >= 6
    assert all(quote in FERRY for quote in quoted)
    assert "Everything that the articles say about it has been shown." in history[-1].text


def test_more_is_said_in_other_sentences(library: Library) -> None:
    first = answer("Tell me about the Esk ferry", library=library)
    thanked = answer("thanks!", library=library, history=[first])
    more = answer("tell me more", library=library, history=[first, thanked])
    before = {c.quote for s in first.sentences for c in s.citations}
    after = {c.quote for s in more.sentences for c in s.citations}
    assert before
    assert after
    assert not before & after

"""Articles that nearly repeat another one are noted in the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.schema import Document

from articles import AGENCY_STORY
from rag import Library, Receipt, ingest, open_library
from rag.cli.articles import show_receipt
from rag.text import shared_part, trigrams
from tiny_embedder import TinyEmbedder

OTHER = AGENCY_STORY.replace("was repaired in", "is going to be sold after").replace(
    "people", "buyers"
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        yield opened


def notes(library: Library, **texts: str) -> list[tuple[str, str]]:
    documents = [
        Document(text=text, id_=name, metadata={"title": name.title()})
        for name, text in texts.items()
    ]
    receipt = ingest(library=library, documents=documents)
    assert len(receipt.added) + len(receipt.updated) == len(texts)
    noted = {note.origin.removeprefix("document:") for note in receipt.notes}
    assert {library.article(each).source.title.lower() for each in receipt.grouped} == noted
    return [(note.origin, note.text) for note in receipt.notes]


def test_a_near_copy_names_the_article_that_was_there(library: Library) -> None:
    assert notes(library, agency=AGENCY_STORY, market=OTHER) == []
    (kept,) = (each for each in library.articles() if each.source.title == "Agency")
    copy = AGENCY_STORY.replace("paid 900 euros", "paid 901 euros")
    expected = f"It is a near copy of 'Agency' ({kept.source.id})."
    assert notes(library, gazette=copy) == [("document:gazette", expected)]
    assert len(library.articles()) == 3


def test_the_terminal_counts_the_copies(capsys: pytest.CaptureFixture[str]) -> None:
    receipt = Receipt(added=("a", "b", "c"), grouped=("b", "c"), seconds=2)
    show_receipt(receipt.to_dict(), Path("library"), as_json=False)
    said = capsys.readouterr().out
    assert said == "Added 3 articles, grouped 2 with near copies in 2.0 s. Library: library\n"


def test_of_two_that_come_together_the_second_is_the_copy(library: Library) -> None:
    copy = "The agency reports this. " + AGENCY_STORY
    ((origin, text),) = notes(library, agency=AGENCY_STORY, gazette=copy)
    assert origin == "document:gazette" and "'Agency'" in text


def test_a_digest_is_no_copy_of_what_it_quotes(library: Library) -> None:
    # So long that the first passages of both are the same.
    story = f"{AGENCY_STORY} {OTHER} Nobody knows when."
    others = " ".join(f"Mill {n} burnt down, and house {n + 1} was sold." for n in range(99))
    assert notes(library, agency=story, digest=f"{story} {others}") == []


def test_a_changed_article_is_no_copy_of_its_former_self(library: Library) -> None:
    assert notes(library, agency=AGENCY_STORY) == []
    assert notes(library, agency=AGENCY_STORY + " The belfry is open again.") == []


def test_short_texts_share_words_by_chance(library: Library) -> None:
    assert (
        notes(library, one="The shop is closed on Monday.", two="The shop is closed on Monday!")
        == []
    )


def test_the_shared_part_is_that_of_the_shorter_text() -> None:
    whole, half = trigrams("a b c d e f g h"), trigrams("a b c d x")
    assert shared_part(whole, half) == shared_part(half, whole) == pytest.approx(2 / 3)
    assert shared_part(whole, whole) == 1

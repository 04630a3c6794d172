"""Documents of LlamaIndex readers as articles of a library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from llama_index.core import SimpleDirectoryReader
from llama_index.core.schema import Document, TextNode

from rag import Library, Receipt, ingest, open_library
from rag.types import Article
from tiny_embedder import TinyEmbedder

TEXT = (
    "The old mill on the river was sold on Tuesday. Its new owner wants to grind flour there again "
    "next summer.\n\nThe town had looked for a buyer for six years, and two of them had given up."
)

BRIDGE = (
    "A bridge for cyclists is to be built beside the station. Work begins in May and takes a year, "
    "says the council, which pays half of it.\n\nUntil then a ferry crosses every ten minutes."
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        yield opened


def take(library: Library, *documents: object) -> Receipt:
    return ingest(library=library, documents=documents)  # type: ignore[arg-type]


def only(library: Library) -> Article:
    (kept,) = library.articles()
    return library.article(kept.source.id)


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    added, updated = len(receipt.added), len(receipt.updated)
    return added, updated, len(receipt.unchanged), len(receipt.failed)


def test_metadata_are_read_like_the_fields_of_a_record(library: Library) -> None:
    metadata = {
        "headline": "A mill is sold",
        "authors": ["Ada Brook", "Ben Hill"],
        "source": "The Weekly River",
        "publish_date": "2024-03-05T10:00:00Z",
        "URL": "https://river.example/mill",
        "section": "Town",
    }
    receipt = take(library, Document(text=TEXT, metadata=metadata))
    assert counts(receipt) == (1, 0, 0, 0) and not receipt.notes
    source = only(library).source
    assert (source.title, source.author) == ("A mill is sold", "Ada Brook, Ben Hill")
    assert (source.publisher, source.published) == ("The Weekly River", date(2024, 3, 5))
    assert (source.url, source.category) == ("https://river.example/mill", "Town")
    assert source.origin == "https://river.example/mill"
    assert only(library).text == TEXT


@pytest.mark.parametrize(
    ("metadata", "url", "publisher", "origin"),
    [
        ({"source": "https://a.example/1"}, "https://a.example/1", None, "https://a.example/1"),
        ({"source": "/notes/old mill.txt"}, None, None, "old mill.txt"),
        ({"source": "notes/mill.pdf"}, None, None, "mill.pdf"),
        ({"source": "AP/Reuters", "file_path": "/a/mill.txt"}, None, "AP/Reuters", "mill.txt"),
        ({"date": date(2024, 3, 5)}, None, None, "document 1"),
    ],
)
def test_a_source_is_an_address_a_file_or_a_publisher(
    library: Library,
    metadata: dict[str, object],
    url: str | None,
    publisher: str | None,
    origin: str,
) -> None:
    receipt = take(library, Document(text=TEXT, metadata=metadata))
    assert not receipt.notes and not receipt.failed
    source = only(library).source
    assert (source.url, source.publisher, source.origin) == (url, publisher, origin)
    assert source.published == metadata.get("date")


def test_text_is_cleaned_and_what_was_taken_out_is_kept(library: Library) -> None:
    page = f"<h1>A mill is sold</h1><p>By Ada Brook</p><p>{TEXT}</p><p>Share this article</p>"
    take(library, Document(text=page, id_="mill"))
    article = only(library)
    assert article.source.title == "A mill is sold" and article.source.author == "Ada Brook"
    assert article.text.startswith("The old mill") and "Share this" not in article.text


@pytest.mark.parametrize(
    "named",
    [
        {"id_": "mill-1"},
        {"metadata": {"url": "https://river.example/mill"}},
        {"metadata": {"file_path": "/pages/mill.pdf", "page_label": "3"}},
        {"metadata": {"title": "A mill is sold"}},
    ],
    ids=["id", "address", "file-and-page", "title"],
)
def test_the_same_document_is_unchanged_and_a_changed_one_an_update(
    library: Library, named: dict[str, object]
) -> None:
    assert counts(take(library, Document(text=TEXT, **named))) == (1, 0, 0, 0)
    assert counts(take(library, Document(text=TEXT, **named))) == (0, 0, 1, 0)
    changed = TEXT.replace("Tuesday", "Wednesday")
    assert counts(take(library, Document(text=changed, **named))) == (0, 1, 0, 0)
    assert "Wednesday" in only(library).text
    assert len(library.places()) == 1


def test_pages_of_a_file_are_articles_of_their_own(library: Library) -> None:
    pages = [
        Document(text=f"Page {n} is about mill number {n}. " + TEXT, metadata=metadata)
        for n in (1, 2, 3)
        for metadata in [{"file_path": "/pages/mills.pdf", "page_label": str(n)}]
    ]
    assert counts(take(library, *pages)) == (3, 0, 0, 0)
    assert counts(take(library, *pages)) == (0, 0, 3, 0)


def test_a_reader_of_folders(tmp_path: Path, library: Library) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "old-mill.txt").write_text(TEXT, encoding="utf-8")
    (folder / "bridge.txt").write_text(BRIDGE, encoding="utf-8")
    for expected in ((2, 0, 0, 0), (0, 0, 2, 0)):
        receipt = take(library, *SimpleDirectoryReader(folder).load_data())
        assert counts(receipt) == expected and not receipt.notes
    # They are the same articles as those that the files themselves give.
    assert counts(ingest(folder, library)) == (0, 0, 2, 0)
    # The days of the files are not those of the articles.
    assert {kept.source.published for kept in library.articles()} == {None}


def test_documents_stay_when_a_folder_is_pruned(tmp_path: Path, library: Library) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "bridge.md").write_text(TEXT.replace("mill", "bridge"), encoding="utf-8")
    take(library, Document(text=TEXT, metadata={"file_path": str(folder / "mill.xlsx")}))
    receipt = ingest(folder, library, prune=True)
    assert counts(receipt) == (1, 0, 0, 0) and not receipt.removed


def test_what_cannot_be_read_stops_no_other(library: Library) -> None:
    receipt = take(library, "a text", Document(text=" ", id_="empty"), TextNode(text=TEXT, id_="n"))
    assert counts(receipt) == (1, 0, 0, 2)
    failed = {failure.origin: failure.reason for failure in receipt.failed}
    assert failed["document 1"].startswith("It is a str, not a LlamaIndex Document.")
    assert failed["empty"] == "The document holds no text."


def test_a_single_document_and_files_beside_it(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "bridge.txt"
    path.write_text(TEXT.replace("mill", "bridge"), encoding="utf-8")
    assert counts(ingest(path, library, documents=Document(text=TEXT))) == (2, 0, 0, 0)


def test_fields_of_other_names_are_mapped_or_told_once(library: Library) -> None:
    documents = [
        Document(text=text, metadata={"kopf": f"The {noun}", "odd": "x"})
        for noun, text in (("mill", TEXT), ("bridge", BRIDGE))
    ]
    receipt = ingest(library=library, documents=documents, mapping={"title": "kopf"})
    assert sorted(kept.source.title for kept in library.articles()) == ["The bridge", "The mill"]
    assert [note.text.split(". ")[0] for note in receipt.notes] == [
        "These fields are not used: odd"
    ]


def test_without_a_library_the_settings_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_LIBRARY", str(tmp_path / "named"))
    receipt = ingest(documents=[Document(text=TEXT)], embedder=TinyEmbedder())  # type: ignore[arg-type]
    assert counts(receipt) == (1, 0, 0, 0)
    with open_library(tmp_path / "named", embedder=TinyEmbedder()) as opened:
        assert len(opened.articles()) == 1


def test_the_page_that_a_reader_gives_is_cited(library: Library) -> None:
    metadata = {"file_path": "/pages/mill.pdf", "page_label": "7"}
    take(library, Document(text=TEXT, metadata=metadata))
    part = only(library).source.part_at(20)
    assert part is not None and (part.label, part.anchor) == ("p. 7", "")

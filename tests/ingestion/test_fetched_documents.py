"""Documents from web addresses are read in the child process, with the limits of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from document_files import docx, epub, odt, word_paragraph
from pdf_files import Words, pdf
from rag import Library, Settings, ingest, open_library
from rag.ingestion import isolation
from tiny_embedder import TinyEmbedder
from web_site import Site, page, web_site

SETTINGS = Settings(library=Path("unused"), inside_hosts=("127.0.0.1",), fetch_pause=0.0)
GOOD = "The old mill on the river was sold on Tuesday to a baker from the next town."
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# A child whose reader of PDF files ends it, as a fault in a parser written in C does.
CRASHING = """
import os, sys
from rag.ingestion import formats, reading_process
formats.READERS["pdf"] = lambda data: os.abort()
reading_process.main()
"""
# One whose reader of Word documents asks for two gigabytes.
GREEDY = """
from rag.ingestion import formats, reading_process
from rag.ingestion.limits import Unreadable
def read(data):
    bytearray(2**31)
    raise Unreadable("There was room.")
formats.READERS["docx"] = read
reading_process.main()
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        made.put("/page", page("The mill", GOOD, "Its wheel turned for three hundred years."))
        yield made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        ("/mill.pdf", pdf([[Words(60, 700, GOOD)]]), "application/pdf"),
        ("/download?id=1", pdf([[Words(60, 700, GOOD)]]), "application/octet-stream"),
        ("/download?id=2", docx(word_paragraph(GOOD)), WORD),
        ("/mill.docx", docx(word_paragraph(GOOD)), "application/octet-stream"),
        ("/mill.epub", epub({"One": f"<p>{GOOD}</p>"}), "application/epub+zip"),
        ("/mill.odt", odt(f"<text:p>{GOOD}</text:p>"), "application/zip"),
        ("/mill", rb"{\rtf1 " + GOOD.encode() + b"}", "text/rtf"),
    ],
)
def test_documents_become_articles(
    site: Site, library: Library, path: str, data: bytes, kind: str
) -> None:
    address = site.put(path, data, kind)
    receipt = ingest(address, library, settings=SETTINGS)
    assert not receipt.failed
    article = library.article(receipt.added[0])
    assert GOOD in article.text and article.source.url == address


def test_a_document_that_ends_its_reader_costs_only_itself(
    site: Site, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crashing_child.py").write_text(CRASHING)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(isolation, "CHILD", "crashing_child")
    bad = site.put("/bad.pdf", pdf([[Words(60, 700, GOOD)]]), "application/pdf")
    word = site.put("/mill.docx", docx(word_paragraph(GOOD.replace("mill", "weir"))), WORD)
    receipt = ingest([bad, site.address + "/page", word], library, settings=SETTINGS)
    assert len(receipt.added) == 2
    (failure,) = receipt.failed
    assert failure.origin == bad
    assert failure.reason.startswith("Reading it ended the reading process")
    assert "reading_megabytes" in failure.reason


def test_the_settings_limit_the_time(site: Site, library: Library, tmp_path: Path) -> None:
    slow = pdf([[Words(60, 700, GOOD)] * 600] * 60)
    (tmp_path / "slow.pdf").write_bytes(slow)
    address = site.put("/slow.pdf", slow, "application/pdf")
    given = [tmp_path / "slow.pdf", address]
    short = replace(SETTINGS, reading_seconds=0.05)
    receipt = ingest(given, library, settings=short)
    assert [failure.origin for failure in receipt.failed] == [str(given[0]), address]
    for failure in receipt.failed:
        assert failure.reason.startswith("Reading it took more than 0.05 s.")
        assert "reading_seconds" in failure.reason


def test_the_settings_limit_the_memory(
    site: Site, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "greedy_child.py").write_text(GREEDY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(isolation, "CHILD", "greedy_child")
    address = site.put("/mill.docx", docx(word_paragraph(GOOD)), WORD)
    given = [address, site.address + "/page"]
    small = replace(SETTINGS, reading_megabytes=500)
    receipt = ingest(given, library, settings=small)
    assert len(receipt.added) == 1
    (failure,) = receipt.failed
    assert failure.origin == address and "more than 500 MB of memory" in failure.reason
    large = replace(SETTINGS, reading_megabytes=4_000)
    (failure,) = ingest(given, library, settings=large).failed
    assert failure.reason == "There was room."


@pytest.mark.parametrize("data", [b"%PDF-1.4 no more", b"PK\x03\x04word/"], ids=["pdf", "docx"])
def test_a_damaged_document_is_a_failure(site: Site, library: Library, data: bytes) -> None:
    address = site.put("/a.docx" if data[:2] == b"PK" else "/a.pdf", data, "application/x")
    (failure,) = ingest(address, library, settings=SETTINGS).failed
    assert failure.origin == address and "damaged" in failure.reason

"""The suite over pages: its measure by hand, and a set of two pages."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from eval.suites import pages
from rag import FootnoteError

WORDS = "The council of Ferrow rebuilds the western pier before winter with old oak"


def test_shingles_are_counted() -> None:
    found = pages.shingles("a b c d e a b c d")
    assert found[("a", "b", "c", "d")] == 2 and found.total() == 6
    assert pages.shingles("a b").total() == 1 and not pages.shingles("")


def test_figures_are_means_over_pages() -> None:
    given = {"one": pages.Page(b"", "", "a b c d e"), "two": pages.Page(b"", "", "f g h i")}
    read = {"a b c d e": "a b c d", "f g h i": "f g h i x"}
    figures, questions = pages.figures(given, lambda page: read[page.article])
    assert questions["precision"] == [{"one": 1.0, "two": 0.5}]
    assert questions["recall"] == [{"one": 0.5, "two": 1.0}]
    assert figures["f1"].value == 0.75


def test_a_set_is_measured(tmp_path: Path) -> None:
    truth = {"p": {"url": "https://gull.example/p", "articleBody": f"{WORDS}."}}
    page = f"<html><nav><a href=/>Home</a></nav><p>{WORDS}.</p></html>".encode()
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as packed:
        for name, data in (
            ("set/ground-truth.json", json.dumps(truth).encode()),
            ("set/html/p.html.gz", gzip.compress(page)),
        ):
            item = tarfile.TarInfo(name)
            item.size = len(data)
            packed.addfile(item, io.BytesIO(data))
    report = pages.measure(tmp_path / "set.tar.gz")
    assert report.groups["kept of pages"]["f1"].value == 1.0
    with pytest.raises(FootnoteError, match="no set"):
        pages.measure(tmp_path / "nothing.tar")

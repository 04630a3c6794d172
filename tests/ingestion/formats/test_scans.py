"""Scans are read through ocrmypdf where there is such a program, and say so."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pdf_files import Words, pdf
from rag import Receipt, ingest, open_library
from rag.settings import Settings
from tiny_embedder import TinyEmbedder

GOOD = "The council of Ferrow rebuilds the western pier before winter."
SCAN = pdf([[Words(60, 700, "2024-05-03")], []])
# Stands in for the program: it notes what it was told, and does what the test wants.
PROGRAM = """#!/bin/sh
echo "$TMPDIR" "$@" > {folder}/told
for result; do :; done
{does}
"""


class Scans:
    """A folder with a scan, and a program that recognizes its text."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self.articles = folder / "articles"
        self.articles.mkdir()
        (self.articles / "minutes.pdf").write_bytes(SCAN)
        (folder / "recognized.pdf").write_bytes(pdf([[], [Words(60, 700, GOOD)]]))

    def program(self, does: str) -> None:
        program = self.folder / "ocrmypdf"
        program.write_text(PROGRAM.format(folder=self.folder, does=does))
        program.chmod(0o755)

    def ingest(self, **changed: object) -> Receipt:
        settings = replace(self.settings, **changed)  # type: ignore[arg-type]
        with open_library(settings.library, embedder=TinyEmbedder(), create=True) as library:
            receipt = ingest(self.articles, library, settings=settings)
            facts = [item.to_dict()["facts"] for item in library.articles()]
        (self.folder / "facts.json").write_text(json.dumps(facts))
        return receipt

    def reason(self, **changed: object) -> str:
        (failure,) = self.ingest(**changed).failed
        return failure.reason


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scans:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Scans(tmp_path, Settings(library=tmp_path / "library"))


def test_a_recognized_scan_cites_its_pages_and_says_what_it_is(scans: Scans) -> None:
    scans.program(f'/bin/cp {scans.folder}/recognized.pdf "$result"')
    receipt = scans.ingest(recognition="deu+eng")
    assert len(receipt.added) == 1 and not receipt.failed
    with open_library(scans.settings.library, embedder=TinyEmbedder()) as library:
        article = library.article(receipt.added[0])
    assert article.text == GOOD and article.source.parts[0].label == "p. 2"
    (facts,) = json.loads((scans.folder / "facts.json").read_text())
    assert facts["text"] == {"value": "recognized in pictures of the pages", "source": "ocrmypdf"}
    folder, *told = (scans.folder / "told").read_text().split()
    assert "--language=deu+eng" in told and not Path(folder).exists()


def test_a_scan_is_refused_without_the_program_or_if_the_settings_say_so(scans: Scans) -> None:
    assert "Install ocrmypdf" in scans.reason()
    scans.program(f'/bin/cp {scans.folder}/recognized.pdf "$result"')
    assert "scanner" in scans.reason(recognition="none")
    assert not (scans.folder / "told").exists()


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("echo 'The language zzz is not installed' >&2; exit 3", "zzz is not installed"),
        ("exit 0", "no reason"),
        ('/bin/cp {folder}/articles/minutes.pdf "$result"', "scanner"),
        ('echo nonsense > "$result"', "damaged"),
    ],
    ids=["fails", "writes nothing", "recognizes nothing", "writes nonsense"],
)
def test_what_the_program_cannot_do_is_told(scans: Scans, does: str, says: str) -> None:
    scans.program(does.format(folder=scans.folder))
    assert says in scans.reason()


def test_the_program_ends_with_the_time_for_its_file(scans: Scans) -> None:
    scans.program(f"echo $$ > {scans.folder}/number; /bin/sleep 1000")
    assert "more than 20 s" in scans.reason(reading_seconds=20.0)
    number = int((scans.folder / "number").read_text())
    for _ in range(100):
        if not alive(number):
            return
        time.sleep(0.1)
    pytest.fail("the program still runs")


def alive(number: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"

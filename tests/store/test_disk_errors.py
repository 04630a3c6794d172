"""Folders that are full or read-only."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import pytest

from mounts import run_mounted
from rag import LibraryFull
from rag.store.disk_errors import IndexUnusable, translated
from small_library import small_library, write_articles

ASK = """
import sys
from pathlib import Path
from rag import FootnoteError, Settings, answer, ingest, open_library
from small_library import QUESTION
from tiny_embedder import TinySpanEmbedder
folder = Path(sys.argv[1])
with open_library(folder, embedder=TinySpanEmbedder()) as library:
    print(answer(QUESTION, library=library, settings=Settings(library=folder)).text)
    print(library.path == folder, library.read_only)
    for change in (lambda: library.remove([library.articles()[0].source.id]), library.rebuild):
        try:
            change()
        except FootnoteError as error:
            print(error)
"""
FILL = """
import sys
from pathlib import Path
from rag import FootnoteError, open_library
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder
folder = Path(sys.argv[1])
library = open_library(folder / "library", embedder=TinyEmbedder(), create=True)
for number in range(1_000):
    text = " ".join(f"Boat {number} carries {n} nets." for n in range(300))
    try:
        library.put([entry(article(text, title=f"Boat {number}"))])
    except FootnoteError as error:
        print(number, type(error).__name__, error)
        break
"""


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_read_only_library_can_be_asked_and_not_changed(tmp_path: Path) -> None:
    with small_library(write_articles(tmp_path / "articles"), tmp_path / "library"):
        pass
    before = files(tmp_path / "library")
    said = run_mounted("-o bind,ro {} {}", tmp_path / "library", ASK).splitlines()
    assert "reopened on Monday" in said[0]
    assert said[1] == "True True"
    assert len(said) == 4 and all("it is read-only" in line for line in said[2:])
    assert str(tmp_path / "library") in said[2]
    assert files(tmp_path / "library") == before
    assert list((tmp_path / ".cache" / "footnote").iterdir()) == []


@pytest.mark.parametrize("megabytes", [3, 8, 13])
def test_a_full_disk_is_called_by_its_name(tmp_path: Path, megabytes: int) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    said = run_mounted(f"-t tmpfs -o size={megabytes}m none {{}}", folder, FILL)
    assert "LibraryFull" in said, said


def test_a_consequence_of_a_full_disk_is_traced_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IndexUnusable), translated(tmp_path):
        raise RuntimeError("failed to apply logs to the segment")

    def full(**known: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(LibraryFull, match="No space left"), translated(tmp_path):
        raise RuntimeError("failed to apply logs to the segment")

"""Names that no file system knows get a line, not a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer

from commands import footnote
from rag.cli.articles import show_receipt
from rag.ingestion.loaders import read
from rag.receipts import Receipt

LONG = "a" * 7_000


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", LONG),
        ("articles", "--library", LONG),
        ("ask", "When did it open?", "--library", LONG),
        ("conversations", "export", "last", LONG),
        ("remove", LONG),
        ("articles", "--settings", LONG),
    ],
    ids=" ".join,
)
def test_long_names_get_one_line(words: tuple[str, ...]) -> None:
    run = footnote(*words)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_pipe_is_named_and_does_not_stall(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "boats.md").write_text("# Boats\n\nThe boats left at dawn on Monday.\n")
    found = list(read(tmp_path))
    assert any("pipe.md" in str(item) for item in found)
    assert len(found) == 2


def test_a_name_cannot_talk_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    odd = "a\x1b]0;owned\x07\nNot read: b\u202e\x9b31m.pdf"
    told = [{"origin": odd, "reason": f"It is a copy of the article in {odd}.", "text": "x"}]
    receipt = {**Receipt().to_dict(), "failed": told, "skipped": told, "notes": told}
    with pytest.raises(typer.Exit):
        show_receipt(receipt, Path("library"), as_json=False)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 4 and said.replace("\n", "").isprintable()


def test_a_title_cannot_turn_the_page_around(tmp_path: Path) -> None:
    (tmp_path / "boats.md").write_text(
        "---\ntitle: Boats \u202edm.x\u2066y\n---\nThe boats left at \u202edawn on Monday.\n",
        encoding="utf-8",
    )
    (tmp_path / "e\u202egpj.txt").write_text("The oaks were planted in autumn.\n")
    for item in read(tmp_path):
        article = item.article  # type: ignore[union-attr]
        assert not set(article.source.title + article.text) & set("\u202e\u2066")

"""Terminals without Unicode, and arguments that are not text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import footnote
from rag import ingest

NOT_TEXT = os.fsdecode(b"J\xf6rg")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("terminal")
    text = "# Łódź — “harbour”\n\nThe harbour of Łódź is 10⁻⁶ m deep — says Jürgen Böhme.\n"
    (folder / "a.md").write_text(text, encoding="utf-8")
    ingest(folder / "a.md", folder / "library")
    return folder / "library"


@pytest.mark.parametrize(
    "terminal",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "cp1252", "C"],
)
def test_a_terminal_without_unicode_gets_question_marks(
    library: Path, terminal: dict[str, str]
) -> None:
    words = ["ask", "How deep is the harbour?", "--library", str(library)]
    for extra in ((), ("--json",)):
        done = subprocess.run(
            [sys.executable, "-m", "rag.cli", *words, *extra],
            capture_output=True,
            check=False,
            env={**os.environ, **terminal},
        )
        assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
        if extra:
            assert "10⁻⁶ m" in json.loads(done.stdout)["text"]
        else:
            assert b"The harbour of" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("ask", NOT_TEXT),
        ("ingest", NOT_TEXT),
        ("articles", "--library", NOT_TEXT),
        ("ask", "What?", "--publisher", NOT_TEXT),
        ("remove", NOT_TEXT),
        ("conversations", "search", NOT_TEXT),
    ],
    ids=" ".join,
)
def test_an_argument_that_is_not_text_never_ends_in_a_traceback(
    library: Path, words: tuple[str, ...]
) -> None:
    done = footnote(*words, FOOTNOTE_LIBRARY=str(library))
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr, done.stderr

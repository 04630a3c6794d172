"""The progress bar on a terminal."""

from __future__ import annotations

import re
import time

import pytest

from rag import progress_bar
from rag.ingestion import Progress

STYLE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def test_a_terminal_shows_the_rate_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with progress_bar("Reading articles") as report:
        for done in (1, 2, 3):
            report(Progress(done, 4, "The [red] pier"))
            time.sleep(0.01)
    said = STYLE.sub("", capsys.readouterr().err)
    assert re.search(r"Reading articles .*3/4 +\d+\.\d a second +\d\d:\d\d +The \[red\] pier", said)


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Reading articles") as report:
        report(Progress(1, None, "The pier"))
    assert capsys.readouterr().err == ""

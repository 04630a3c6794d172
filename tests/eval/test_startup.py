"""The benchmark of whole processes measures what really starts."""

from __future__ import annotations

import pytest

from eval.suites import startup
from rag import FootnoteError


@pytest.mark.slow
def test_each_command_is_run() -> None:
    made = startup.measure(1)
    assert len(made.help) == len(made.ask) == len(made.serve) == 1
    assert 0 < made.help[0] < made.ask[0]
    assert len(made.table().splitlines()) == 3


def test_a_command_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "_command", lambda *words: ["false"])
    with pytest.raises(FootnoteError, match="footnote ingest"):
        startup.measure(1)

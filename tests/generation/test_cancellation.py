"""Cancelling a request by its token: callbacks, waiting, and answers that are under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import CancellationToken, Cancelled, answer, open_library, stream
from rag.retrieval.library import Library
from rag.settings import BackendSettings, Settings
from scripted_server import Asked, Scripted, Wire, answers, scripted
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

QUESTION = "When did the bridge of Esk open to traffic?"
STORY = "The bridge of Esk opened to traffic in 1932. It was painted red in 1950."
DRAFT = "The bridge of Esk opened to traffic in 1932 [1]."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put([entry(article(STORY, "Bridge"))])
        yield opened


def settings_for(library: Library, server: Scripted) -> Settings:
    own = BackendSettings(name="m", base_url=server.address, model="tiny", location="local")
    return Settings(library=library.path, backend=("m",), backends=(own,))


def test_callbacks_run_once_and_late_ones_at_once() -> None:
    token, called = CancellationToken(), []
    token.on_cancel(lambda: called.append("kept"))
    remove = token.on_cancel(lambda: called.append("removed"))
    remove()
    remove()
    assert not token.cancelled and called == []
    token.check()
    token.cancel()
    token.cancel()
    assert token.cancelled and called == ["kept"]
    token.on_cancel(lambda: called.append("late"))()
    assert called == ["kept", "late"]
    with pytest.raises(Cancelled):
        token.check()


def test_a_wait_ends_on_cancellation() -> None:
    token = CancellationToken()
    assert token.wait(0.0) is False
    threading.Timer(0.05, token.cancel).start()
    started = time.monotonic()
    assert token.wait(10) is True
    assert time.monotonic() - started < 5


def test_cancelling_hangs_up_on_a_silent_model(library: Library) -> None:
    token, noticed = CancellationToken(), []

    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        token.cancel()
        noticed.append(wire.gone(5))

    with scripted(play) as server:
        chosen = settings_for(library, server)
        with pytest.raises(Cancelled):
            answer(QUESTION, library=library, settings=chosen, cancellation=token)
    assert noticed == [True]


def test_a_cancelled_token_asks_no_model(library: Library) -> None:
    token = CancellationToken()
    token.cancel()
    with scripted(answers(DRAFT)) as server:
        chosen = settings_for(library, server)
        events = stream(QUESTION, library=library, settings=chosen, cancellation=token)
        assert list(events) == [] and server.asked == []


def test_closing_one_stream_leaves_the_callers_token_alone(library: Library) -> None:
    token = CancellationToken()
    with scripted(answers(DRAFT)) as server:
        chosen = settings_for(library, server)
        stream(QUESTION, library=library, settings=chosen, cancellation=token).close()
        found = answer(QUESTION, library=library, settings=chosen, cancellation=token)
    assert not token.cancelled and found.text == "The bridge of Esk opened to traffic in 1932."

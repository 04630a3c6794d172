"""The states of the page while a question is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import Markup

from pages import answer, article
from rag import Answer, CancellationToken, Drafted, Sentence
from ui.chat_controller import ChatTurn, answers_in, empty_library_html, stream_updates, turns_html


def test_nothing_asked_changes_nothing() -> None:
    assert list(stream_updates("  \n ", lambda question: iter(()), CancellationToken())) == []


def test_a_question_beyond_the_limit_is_not_asked() -> None:
    def never(question: str) -> object:
        raise AssertionError("asked")

    (update,) = stream_updates("x" * 2_001, never, CancellationToken())  # type: ignore[arg-type]
    assert update.turn and "2,000" in update.html and len(update.html) < 2_000


def test_updates_come_at_most_ten_a_second_and_end_with_the_answer() -> None:
    whole = answer(article())
    started = time.monotonic()

    def events(question: str) -> Iterator[Sentence | Answer]:
        for _ in range(50):
            time.sleep(0.01)
            yield whole.sentences[0]
        yield whole

    updates = list(stream_updates("When?", events, CancellationToken()))
    assert 3 <= len(updates) <= 3 + (time.monotonic() - started) / 0.1
    assert [bool(u.turn) for u in updates] == [False] * (len(updates) - 1) + [True]
    assert "footnote" in updates[-1].html and "aria-busy" not in updates[-1].html


def test_the_latest_news_is_shown_however_long_nothing_follows() -> None:
    whole = answer(article())
    going_on = threading.Event()

    def events(question: str) -> Iterator[Sentence | Drafted | Answer]:
        yield whole.sentences[0]
        yield Drafted("And then it", 1)
        assert going_on.wait(20)
        yield whole

    seen = []
    for update in stream_updates("When?", events, CancellationToken()):
        seen.append(update.html)
        if "And then it" in update.html:
            assert "hasn’t been checked yet" in update.html and 'class="draft"' in update.html
            going_on.set()
    assert going_on.is_set() and "And then it" not in seen[-1]


def test_a_page_that_wants_no_more_closes_the_stream() -> None:
    closed = []

    class Events:
        def __iter__(self) -> Iterator[Drafted]:
            return iter([Drafted("The", 0)])

        def close(self) -> None:
            closed.append(True)

    states = stream_updates("When?", lambda question: Events(), CancellationToken())  # type: ignore[arg-type, return-value]
    next(states)
    next(states)
    states.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_what_is_cancelled_ends_even_if_its_work_does_not() -> None:
    going_on, cancellation = threading.Event(), CancellationToken()

    def events(question: str) -> Iterator[Drafted]:
        yield Drafted("The", 0)
        assert going_on.wait(20)

    states = stream_updates("When?", events, cancellation)
    next(states)
    next(states)
    cancellation.cancel()
    assert not list(states)
    going_on.set()


def test_a_turn_keeps_its_answer_for_the_questions_that_follow() -> None:
    whole = answer(article())
    *_, last = stream_updates("When?", lambda question: iter([whole]), CancellationToken())
    assert last.turn is not None
    *_, failed = stream_updates("When?", lambda question: iter(()), CancellationToken())
    assert failed.turn is not None
    assert answers_in((last.turn, failed.turn)) == (whole,)


def test_an_unforeseen_error_goes_to_the_log_and_not_to_the_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(question: str) -> object:
        raise RuntimeError("secret inner state")

    *_, last = stream_updates("When?", broken, CancellationToken())  # type: ignore[arg-type]
    assert "secret" not in last.html and "Something went wrong" in last.html
    assert "secret inner state" in caplog.text


def test_a_stream_without_an_answer_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    *_, last = stream_updates("When?", lambda question: iter(()), CancellationToken())
    assert "Something went wrong" in last.html
    assert "without an answer" in caplog.text


def test_the_empty_library_names_its_command_escaped(tmp_path: Path) -> None:
    html = empty_library_html(tmp_path / "<b>")
    assert "footnote ingest FOLDER --library" in html
    assert "<b>" not in html


def test_the_past_keeps_the_order() -> None:
    html = turns_html((ChatTurn("one?", Markup()), ChatTurn("two?", Markup())))
    assert html.index("one?") < html.index("two?")

"""What the chat page does with a question. No Gradio here: values in, HTML out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import (
    Answer,
    Drafted,
    Filters,
    FootnoteError,
    LibraryEmpty,
    LibraryMissing,
    QuestionError,
    Sentence,
)
from ui.html import counted, escape
from ui.render import answer_html, busy_html, notice_html, turn_html
from ui.service import LONGEST_QUESTION
from ui.throttle import paced

LOG = logging.getLogger("footnote.page")
# Seconds between two updates of a page: ten a second look fluent, and fifty visitors who are
# sent every word wait a second longer.
UPDATE_EVERY = 0.1
# Turns that a page shows and follow-ups lean on; a longer conversation has a page of its own.
TURNS_SHOWN = 20
NEUTRAL = "Something went wrong while answering. The server’s log says what. Please try again."

NO_FILTERS = Filters()

Streamer = Callable[[str], Iterator[Sentence | Drafted | Answer]]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and the finished HTML below it; ``answer`` is None where there was an error.

    ``number`` tells the answered turns of a page apart, from 1; ``kept_in`` is the conversation
    that holds it.
    """

    question: str
    body: str
    answer: Answer | None = None
    filters: Filters = NO_FILTERS
    number: int | None = None
    kept_in: str | None = None

    @property
    def html(self) -> str:
        identity = f' id="turn-{self.number}"' if self.number else ""
        kept = f' data-conversation="{escape(self.kept_in)}"' if self.kept_in else ""
        return turn_html(self.question, self.body, attributes=identity + kept)


@dataclass(frozen=True, slots=True)
class Update:
    """One state of the page while a question is answered; ``turn`` is set in the last one."""

    html: str
    turn: Turn | None = None


def converse(question: str, stream: Streamer) -> Iterator[Update]:
    """The states of the page for one question, at most ten a second, the last one finished.

    Raises nothing: an error becomes a message, an unforeseen one goes to the log whole.
    """
    question = question.strip()
    if not question:
        hint = notice_html("hint", "Ask a question", "Type what you want to know.")
        yield Update(f'<section class="aside-note">{hint}</section>')
        return
    if len(question) > LONGEST_QUESTION:
        body = notice_html(
            "hint",
            "That is a long question",
            f"Questions here have at most {LONGEST_QUESTION:,} characters; "
            f"this one has {len(question):,}.",
        )
        yield finished(question[:200] + " …", body)
        return
    try:
        yield from _streamed(question, stream)
    except (LibraryEmpty, LibraryMissing, QuestionError) as error:
        yield finished(question, notice_html("hint", "Nothing to answer from", str(error)))
    except FootnoteError as error:
        yield finished(question, notice_html("error", "No answer this time", str(error)))
    except Exception:
        LOG.exception("a question could not be answered")
        yield finished(question, notice_html("error", "No answer this time", NEUTRAL))


def _streamed(question: str, stream: Streamer) -> Iterator[Update]:
    yield Update(turn_html(question, busy_html(), busy=True))
    settled: list[Sentence] = []
    growing = ""
    for bunch in paced(stream(question), UPDATE_EVERY):
        for event in bunch:
            if isinstance(event, Answer):
                yield finished(question, answer_html(event), event)
                return
            if isinstance(event, Drafted):
                growing = event.text
                del settled[event.after :]
            else:
                growing = ""
                settled.append(event)
        yield Update(turn_html(question, busy_html(settled, growing), busy=True))
    raise RuntimeError("the stream ended without an answer")


def finished(question: str, body: str, answer: Answer | None = None) -> Update:
    turn = Turn(question, body, answer)
    return Update(turn.html, turn)


def answers_of(turns: tuple[Turn, ...]) -> tuple[Answer, ...]:
    """The answers of a conversation, oldest first, without its errors."""
    return tuple(turn.answer for turn in turns[-TURNS_SHOWN:] if turn.answer is not None)


def past_html(turns: tuple[Turn, ...]) -> str:
    """The conversation so far, oldest first."""
    return "".join(turn.html for turn in turns[-TURNS_SHOWN:])


def empty_library_html(folder: Path) -> str:
    """What the page says instead of offering a question box."""
    command = f"footnote ingest FOLDER --library {str(folder)!r}"
    return (
        '<section class="empty"><h2>This library holds no articles yet</h2>'
        "<p>Put the articles into a folder: Markdown, plain text, or a JSON list. "
        "Then run this in a terminal on this machine, and load the page again:</p>"
        f"<pre><code>{escape(command)}</code></pre></section>"
    )


def foot_html(articles: int) -> str:
    """The page's last line."""
    words = f'<a href="/articles">{counted(articles, "article")}</a> in this library'
    return (
        f'<footer class="foot"><p>{words if articles else "No articles yet"}</p>'
        "<p>Footnotes show what the articles say, not whether it is true.</p></footer>"
    )

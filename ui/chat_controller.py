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
from ui.html import escape, pluralize
from ui.render import answer_html, notice_html, pending_answer_html, turn_html
from ui.service import MAX_QUESTION_LENGTH
from ui.throttle import throttle

LOG = logging.getLogger("footnote.page")
# Seconds between two updates of a page: ten a second look fluent, and fifty visitors who are
# sent every word wait a second longer.
UPDATE_EVERY = 0.1
# Turns that a page shows and follow-ups lean on; a longer conversation has a page of its own.
MAX_TURNS_SHOWN = 20
INTERNAL_ERROR = (
    "Something went wrong while answering. The server’s log says what. Please try again."
)

NO_FILTERS = Filters()

EventSource = Callable[[str], Iterator[Sentence | Drafted | Answer]]


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """A question and the finished HTML below it.

    Attributes:
        question: As it was typed.
        body: HTML.
        answer: None where there was an error.
        filters: Those that were set by hand.
        number: Identifies an answered turn on the page, from 1.
        conversation_id: The conversation that stores the turn, if it is stored.
    """

    question: str
    body: str
    answer: Answer | None = None
    filters: Filters = NO_FILTERS
    number: int | None = None
    conversation_id: str | None = None

    @property
    def html(self) -> str:
        identity = f' id="turn-{self.number}"' if self.number else ""
        kept = (
            f' data-conversation="{escape(self.conversation_id)}"' if self.conversation_id else ""
        )
        return turn_html(self.question, self.body, attributes=identity + kept)


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """One state of the page while a question is answered; ``turn`` is set in the last one."""

    html: str
    turn: ChatTurn | None = None


def stream_updates(question: str, stream: EventSource) -> Iterator[PageUpdate]:
    """The states of the page for one question, at most ten a second, the last one finished.

    Raises nothing: an error becomes a message, an unforeseen one goes to the log whole.
    """
    question = question.strip()
    if not question:
        hint = notice_html("hint", "Ask a question", "Type what you want to know.")
        yield PageUpdate(f'<section class="aside-note">{hint}</section>')
        return
    if len(question) > MAX_QUESTION_LENGTH:
        body = notice_html(
            "hint",
            "That is a long question",
            f"Questions here have at most {MAX_QUESTION_LENGTH:,} characters; "
            f"this one has {len(question):,}.",
        )
        yield final_update(question[:200] + " …", body)
        return
    try:
        yield from _streamed(question, stream)
    except (LibraryEmpty, LibraryMissing, QuestionError) as error:
        yield final_update(question, notice_html("hint", "Nothing to answer from", str(error)))
    except FootnoteError as error:
        yield final_update(question, notice_html("error", "No answer this time", str(error)))
    except Exception:
        LOG.exception("a question could not be answered")
        yield final_update(question, notice_html("error", "No answer this time", INTERNAL_ERROR))


def _streamed(question: str, stream: EventSource) -> Iterator[PageUpdate]:
    yield PageUpdate(turn_html(question, pending_answer_html(), busy=True))
    settled: list[Sentence] = []
    growing = ""
    for bunch in throttle(stream(question), UPDATE_EVERY):
        for event in bunch:
            if isinstance(event, Answer):
                yield final_update(question, answer_html(event), event)
                return
            if isinstance(event, Drafted):
                growing = event.text
                del settled[event.after :]
            else:
                growing = ""
                settled.append(event)
        yield PageUpdate(turn_html(question, pending_answer_html(settled, growing), busy=True))
    raise RuntimeError("the stream ended without an answer")


def final_update(question: str, body: str, answer: Answer | None = None) -> PageUpdate:
    turn = ChatTurn(question, body, answer)
    return PageUpdate(turn.html, turn)


def answers_in(turns: tuple[ChatTurn, ...]) -> tuple[Answer, ...]:
    """The answers of a conversation, oldest first, without its errors."""
    return tuple(turn.answer for turn in turns[-MAX_TURNS_SHOWN:] if turn.answer is not None)


def turns_html(turns: tuple[ChatTurn, ...]) -> str:
    """The conversation so far, oldest first."""
    return "".join(turn.html for turn in turns[-MAX_TURNS_SHOWN:])


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
    words = f'<a href="/articles">{pluralize(articles, "article")}</a> in this library'
    return (
        f'<footer class="foot"><p>{words if articles else "No articles yet"}</p>'
        "<p>Footnotes show what the articles say, not whether it is true.</p></footer>"
    )

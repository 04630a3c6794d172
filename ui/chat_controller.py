"""What the chat page does with a question. No Gradio here: values in, HTML out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from rag import (
    Answer,
    BackendError,
    CancellationToken,
    Cancelled,
    Drafted,
    Filters,
    FootnoteError,
    LibraryEmpty,
    LibraryMissing,
    QuestionError,
    Retrieved,
    Sentence,
)
from ui.html import render
from ui.render import (
    answer_html,
    notice_html,
    pending_answer_html,
    stopped_html,
    turn_html,
    written_by,
)
from ui.service import MAX_QUESTION_LENGTH, Event
from ui.throttle import throttle
from ui.words import say

LOG = logging.getLogger("footnote.page")
# Seconds between two updates of a page: ten a second look fluent, and fifty visitors who are
# sent every word wait a second longer.
UPDATE_INTERVAL = 0.1
# Turns that the page shows and that follow-up questions may refer to; a longer conversation has
# a page of its own.
MAX_TURNS_SHOWN = 20
# Characters of a question that is too long to be asked.
MAX_QUESTION_SHOWN = 200
NO_FILTERS = Filters()

EventSource = Callable[[str], Iterator[Event]]


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
        model_failed: Whether no model could answer.
    """

    question: str
    body: Markup
    answer: Answer | None = None
    filters: Filters = NO_FILTERS
    number: int | None = None
    conversation_id: str | None = None
    model_failed: bool = False

    @property
    def html(self) -> Markup:
        by_model = self.answer is not None and written_by(self.answer.backend) != ""
        return turn_html(
            self.question,
            self.body,
            offer_plain=self.model_failed or by_model,
            number=self.number,
            conversation_id=self.conversation_id,
        )


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """One state of the page while a question is answered; ``turn`` is set in the last one.

    ``sentences`` are those that are verified so far.
    """

    html: Markup
    turn: ChatTurn | None = None
    sentences: tuple[Sentence, ...] = ()


def stream_updates(
    question: str, stream: EventSource, cancellation: CancellationToken
) -> Iterator[PageUpdate]:
    """The states of the page for one question, at most ten a second, the last one finished.

    A question without text has no states, and one that is cancelled has no last one. Raises
    nothing: an error becomes a message, and an unforeseen one is logged with its traceback.
    """
    question = question.strip()
    if not question:
        return
    if len(question) > MAX_QUESTION_LENGTH:
        body = notice_html(
            "hint",
            say("question_too_long"),
            say("question_length", n=len(question), most=MAX_QUESTION_LENGTH),
        )
        yield final_update(question[:MAX_QUESTION_SHOWN] + " …", body)
        return
    try:
        yield from _streamed(question, stream, cancellation)
    except Cancelled:
        return
    except (LibraryEmpty, LibraryMissing, QuestionError) as error:
        yield final_update(question, notice_html("hint", say("nothing_to_answer_from"), str(error)))
    except BackendError as error:
        body = notice_html("error", say("model_did_not_answer"), str(error))
        yield final_update(question, body, model_failed=True)
    except FootnoteError as error:
        yield final_update(question, notice_html("error", say("no_answer"), str(error)))
    except Exception:
        LOG.exception("a question could not be answered")
        yield final_update(question, notice_html("error", say("no_answer"), say("internal_error")))


def _streamed(
    question: str, stream: EventSource, cancellation: CancellationToken
) -> Iterator[PageUpdate]:
    yield PageUpdate(turn_html(question, pending_answer_html(), busy=True))
    sentences: list[Sentence] = []
    retrieved: Retrieved | None = None
    draft = ""
    for batch in throttle(stream(question), UPDATE_INTERVAL, cancellation):
        for event in batch:
            if isinstance(event, Answer):
                yield final_update(question, answer_html(event), event)
                return
            if isinstance(event, Retrieved):
                retrieved = event
            elif isinstance(event, Drafted):
                draft = event.text
                del sentences[event.after :]
            else:
                draft = ""
                sentences.append(event)
        body = pending_answer_html(sentences, draft, retrieved)
        yield PageUpdate(turn_html(question, body, busy=True), sentences=tuple(sentences))
    raise RuntimeError("the stream ended without an answer")


def final_update(
    question: str, body: Markup, answer: Answer | None = None, *, model_failed: bool = False
) -> PageUpdate:
    turn = ChatTurn(question, body, answer, model_failed=model_failed)
    return PageUpdate(turn.html, turn)


def stopped_turn(question: str, sentences: Sequence[Sentence]) -> ChatTurn:
    """A question whose answer was stopped, with what was verified until then."""
    return ChatTurn(question.strip(), stopped_html(sentences))


def answers_in(turns: Sequence[ChatTurn]) -> tuple[Answer, ...]:
    """The answers of a conversation, oldest first, without its errors."""
    return tuple(turn.answer for turn in turns[-MAX_TURNS_SHOWN:] if turn.answer is not None)


def turns_html(turns: Sequence[ChatTurn]) -> Markup:
    """The conversation so far, oldest turn first."""
    return Markup().join(turn.html for turn in turns[-MAX_TURNS_SHOWN:])


def empty_library_html(folder: Path) -> Markup:
    """What the page shows in place of the question box."""
    command = f"footnote ingest FOLDER --library {str(folder)!r}"
    return render("empty_library.html", command=command)

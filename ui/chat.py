"""The chat page as Gradio blocks. `build_app` builds; what happens is in `ui.chat_controller`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

# Gradio calls home when it is imported, unless it is told not to before that.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
from fastapi import FastAPI

from rag import (
    Answer,
    ArticleSummary,
    ConversationUnknown,
    Filters,
    FootnoteError,
    checker_figures,
)
from ui.about_verification import how_html
from ui.api import from_this_machine
from ui.chat_controller import NO_FILTERS, answers_of, converse, empty_library_html, foot_html
from ui.chat_state import Talk, chip_at, reopened, settled, talk_html
from ui.disconnect import Readers
from ui.examples import MOST_EXAMPLES, example_questions
from ui.filter_chips import without
from ui.filter_form import (
    CHIPS_SCRIPT,
    FORM_SCRIPT,
    WISHES_SCRIPT,
    changed,
    dropped,
    filter_form_html,
    wishes_html,
)
from ui.html_shell import TITLE
from ui.render import notice_html
from ui.service import LONGEST_QUESTION, Shelf

# An answer waits for a backend more than it computes; sixteen at once keep twenty visitors from
# queueing behind each other, and Gradio's own default is one.
ANSWERS_AT_ONCE = 16
LONGEST_LINE = 200
# The page uploads nothing; the upload routes are shut besides.
LARGEST_UPLOAD = "1kb"

PLAIN: Mapping[str, Any] = {"apply_default_css": False}
PRIVATE: Mapping[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# Two quick choices are two changes, the second of what the first has left.
IN_TURN: Mapping[str, Any] = {
    "trigger_mode": "multiple",
    "concurrency_limit": 1,
    "concurrency_id": "filters",
}

MASTHEAD = (
    '<header class="masthead"><h1>Footnote<sup aria-hidden="true">1</sup></h1>'
    "<p>Ask your articles. Every sentence of the answer is pinned to the words that "
    "support it.</p></header>"
)


def theme() -> gr.themes.Base:
    """Gradio's plainest theme with fonts of the system; the look itself is in page.css."""
    system = [gr.themes.Font("system-ui"), gr.themes.Font("sans-serif")]
    return gr.themes.Base(
        font=system,
        font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")],
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
    )


def build_app(shelf: Shelf) -> gr.Blocks:
    """The chat page over one library. A visitor's conversation lives in ``gr.State`` alone."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as app:
        talk = gr.State(Talk())
        filters = gr.State(NO_FILTERS)
        gr.HTML(MASTHEAD, elem_id="masthead", js_on_load=None, **PLAIN)
        notice = gr.HTML("", elem_id="library-notice", js_on_load=None, **PLAIN)
        past = gr.HTML("", elem_id="past", js_on_load=CHIPS_SCRIPT, **PLAIN)
        current = gr.HTML("", elem_id="current", js_on_load=CHIPS_SCRIPT, **PLAIN)
        with gr.Column(elem_id="desk", visible=bool(shelf.articles())) as desk:
            with gr.Row(elem_id="composer"):
                box = question_box()
                ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0)
            with gr.Row(elem_id="under"):
                form = gr.HTML("", elem_id="filter", js_on_load=FORM_SCRIPT, **PLAIN)
                wishes = gr.HTML("", elem_id="wishes", js_on_load=WISHES_SCRIPT, **PLAIN)
                clear = gr.Button("New conversation", elem_id="clear", size="sm", scale=0)
            with gr.Column(elem_id="examples"):
                examples = [
                    gr.Button("", visible=False, elem_classes="example")
                    for _ in range(MOST_EXAMPLES)
                ]
        foot = gr.HTML("", elem_id="foot", js_on_load=None, **PLAIN)

        shown = [past, current, talk, filters, wishes]
        readers = Readers()
        respond, again = responders(shelf, readers)
        gr.on([box.submit, ask.click], respond, [box, talk, filters], [*shown, box], **PRIVATE)
        for example in examples:
            example.click(respond, [example, talk, filters], [*shown, box], **PRIVATE)
        for turns in (past, current):
            turns.select(again, [talk, filters], [*shown, box], **PRIVATE)
        set_filter, drop_filter = filter_setters(shelf)
        form.input(set_filter, filters, [filters, wishes], **PRIVATE, **IN_TURN)
        wishes.select(drop_filter, filters, [filters, wishes], **PRIVATE, **IN_TURN)
        cleared = ("", "", Talk(), NO_FILTERS, "", "")
        clear.click(lambda: cleared, None, [*shown, box], **PRIVATE)
        arrive = arrival(shelf)
        app.unload(readers.left)
        app.load(arrive, None, [notice, foot, desk, form, *shown, *examples], **PRIVATE)
    app.queue(default_concurrency_limit=ANSWERS_AT_ONCE, max_size=LONGEST_LINE, api_open=False)
    return app


def question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask a question about the articles",
        lines=1,
        max_lines=6,
        max_length=LONGEST_QUESTION,
        elem_id="question-box",
        container=False,
        autofocus=True,
        scale=1,
    )


def mount_chat(app: FastAPI, shelf: Shelf) -> None:
    """Puts the chat page at the root of ``app``, behind the routes that it already has.

    To be called where no event loop runs.
    """

    async def mount() -> None:
        gr.mount_gradio_app(
            app,
            build_app(shelf),
            path="/",
            footer_links=[],
            run_history=False,
            show_error=False,
            max_file_size=LARGEST_UPLOAD,
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            theme=theme(),
            mcp_server=False,
        )

    # Without a running loop, Gradio opens several and leaves them open.
    asyncio.run(mount())


def responders(shelf: Shelf, readers: Readers) -> tuple[Any, Any]:
    """The handlers that answer a question, and that ask one again without a chip."""

    def respond(
        question: str, talk: Talk, filters: Filters, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        history = answers_of(talk.turns)
        yield from states(shelf, readers, question or "", talk, filters, history, request)

    def again(
        talk: Talk, filters: Filters, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        sent = event._data if isinstance(event._data, Mapping) else {}
        turn = talk.turn(sent.get("turn"))
        chip = chip_at(shelf, turn, sent.get("chip")) if turn else None
        if turn is None or chip is None:
            yield (gr.skip(),) * 6
            return
        # What was set by hand and is taken away here restricts later questions no longer either.
        later = filters if chip.said else without(filters, chip)
        restricted, history = without(turn.filters, chip), talk.before(turn)
        asked = turn.question, talk, restricted, history, request
        yield from states(shelf, readers, *asked, later=later)

    return respond, again


def states(
    shelf: Shelf,
    readers: Readers,
    question: str,
    talk: Talk,
    filters: Filters,
    history: Sequence[Answer],
    request: gr.Request,
    later: Filters | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Each state of the page while a question is answered: what changes of all that is shown.

    ``later`` replaces the filters of the questions to come, at once, so that what is chosen while
    the answer is made stays chosen.
    """
    narrowed = {"filters": filters} if filters != NO_FILTERS else {}
    stream = partial(shelf.stream, history=history, **narrowed)
    ask = readers.watched(request.session_hash or "", stream)
    first = True
    for update in converse(question, ask):
        html, kept = update.html, gr.skip()
        if update.turn:
            turn = settled(shelf, talk, update.turn, filters, keep=from_this_machine(request))
            html, kept = turn.html, talk.followed_by(turn)
        if not first:
            yield gr.skip(), html, kept, gr.skip(), gr.skip(), gr.skip()
            continue
        first = False
        wishes = wishes_of(shelf, filters if later is None else later)
        yield talk_html(talk), html, kept, gr.skip() if later is None else later, wishes, ""


def filter_setters(shelf: Shelf) -> tuple[Any, Any]:
    """The handlers that set a filter for the questions to come, and that take one away."""

    def set_filter(filters: Filters, event: gr.EventData) -> tuple[Filters, str]:
        filters = changed(filters, event._data)
        return filters, wishes_of(shelf, filters)

    def drop_filter(filters: Filters, event: gr.EventData) -> tuple[Filters, str]:
        filters = dropped(filters, event._data)
        return filters, wishes_of(shelf, filters)

    return set_filter, drop_filter


def wishes_of(shelf: Shelf, filters: Filters) -> str:
    return wishes_html(filters, shelf.titles({*filters.articles, *filters.not_articles}))


def arrival(shelf: Shelf) -> Any:
    """The handler that shows a visitor what there is, and the conversation of the address."""

    def arrive(request: gr.Request) -> tuple[Any, ...]:
        articles: tuple[ArticleSummary, ...] = ()
        talk, filters, message = Talk(), NO_FILTERS, ""
        try:
            articles = shelf.articles()
            message = "" if articles else empty_library_html(shelf.folder)
            talk, filters = wanted(shelf, request)
        except ConversationUnknown:
            text = "It may have been deleted. Your next question begins a new one."
            message += notice_html("hint", "No conversation is kept at this address", text)
        except FootnoteError as error:
            message = notice_html("error", "The library cannot be read", str(error))
        questions = example_questions(articles)
        buttons = [gr.update(value=question, visible=True) for question in questions] + [
            gr.update(visible=False)
        ] * (MOST_EXAMPLES - len(questions))
        *before, last = talk.turns or (None,)
        return (
            message,
            foot_html(len(articles)) + how_html(checker_figures(), shelf.checker),
            gr.update(visible=bool(articles)),
            filter_form_html(articles),
            talk_html(replace(talk, turns=tuple(before))),
            last.html if last else "",
            talk,
            filters,
            wishes_of(shelf, filters),
            *buttons,
        )

    return arrive


def wanted(shelf: Shelf, request: gr.Request) -> tuple[Talk, Filters]:
    """The kept conversation, or the article to ask about, that the page's address names.

    Raises:
        ConversationUnknown: None is kept under that id, or it is not for this visitor.
    """
    asked = dict(request.query_params)
    if conversation := asked.get("conversation"):
        if not from_this_machine(request):
            raise ConversationUnknown(conversation)
        return reopened(shelf, conversation), NO_FILTERS
    if shelf.titles({article := asked.get("article", "")}):
        return Talk(), Filters(articles=(article,))
    return Talk(), NO_FILTERS

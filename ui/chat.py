"""The chat page as Gradio blocks. `build_app` builds; what happens is in `ui.chat_controller`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

# Gradio calls home when it is imported, unless these are set before.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
from fastapi import FastAPI, Request
from markupsafe import Markup

from rag import (
    Answer,
    ArticleSummary,
    ConversationUnknown,
    Filters,
    FootnoteError,
    verifier_metrics,
)
from ui.about_verification import about_verification_html
from ui.api import from_this_machine
from ui.chat_controller import NO_FILTERS, answers_in, empty_library_html, stream_updates
from ui.chat_state import ChatState, filter_at, finish_turn, history_html, restore_state
from ui.disconnect import SessionStreams
from ui.examples import MAX_EXAMPLES
from ui.filter_chips import without_chip
from ui.filter_form import active_filters_html, apply_form_change, filter_form_html, remove_filter
from ui.html import render
from ui.html_shell import TITLE
from ui.render import notice_html
from ui.service import MAX_QUESTION_LENGTH, Service

# An answer waits for a backend more than it computes; sixteen at once keep twenty visitors from
# queueing, and Gradio's own default is one.
MAX_CONCURRENT_ANSWERS = 16
MAX_QUEUE_LENGTH = 200
# Seconds between two looks whether the example questions have been found.
EXAMPLES_INTERVAL = 1.0
# The page uploads nothing; the upload routes are shut besides.
MAX_UPLOAD_SIZE = "1kb"

COMPONENT_SCRIPTS = Path(__file__).parent / "static" / "components"
UNSTYLED: Mapping[str, Any] = {"apply_default_css": False}
PRIVATE_EVENT: Mapping[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# Two quick choices are two changes, the second of what the first has left.
SEQUENTIAL: Mapping[str, Any] = {
    "trigger_mode": "multiple",
    "concurrency_limit": 1,
    "concurrency_id": "filters",
}


def theme() -> gr.themes.Base:
    """Gradio's plainest theme with fonts of the system; the look itself is in page.css."""
    system = [gr.themes.Font("system-ui"), gr.themes.Font("sans-serif")]
    return gr.themes.Base(
        font=system,
        font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")],
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
    )


class Page(NamedTuple):
    """The components of the page; ``shown`` is what an answer changes, in this order."""

    state: gr.State
    filters: gr.State
    notice: gr.HTML
    past: gr.HTML
    current: gr.HTML
    ask_area: gr.Column
    box: gr.Textbox
    ask: gr.Button
    form: gr.HTML
    active_filters: gr.HTML
    clear: gr.Button
    examples: list[gr.Button]
    footer: gr.HTML
    timer: gr.Timer

    @property
    def shown(self) -> list[Any]:
        return [self.past, self.current, self.state, self.filters, self.active_filters]


def build_app(service: Service) -> gr.Blocks:
    """The chat page over one library. A visitor's conversation lives in ``gr.State`` alone."""
    app: gr.Blocks
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as app:
        connect(app, lay_out(service), service)
    app.queue(
        default_concurrency_limit=MAX_CONCURRENT_ANSWERS, max_size=MAX_QUEUE_LENGTH, api_open=False
    )
    return app


def lay_out(service: Service) -> Page:
    """Creates the components, from top to bottom."""
    state = gr.State(ChatState())
    filters = gr.State(NO_FILTERS)
    html_component("masthead", render("masthead.html"))
    notice = html_component("library-notice")
    past = html_component("past", script="turns.js")
    current = html_component("current", script="turns.js")
    with gr.Column(elem_id="ask-area", visible=bool(service.articles())) as ask_area:
        with gr.Row(elem_id="composer"):
            box = question_box()
            ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0)
        with gr.Row(elem_id="ask-options"):
            form = html_component("filter", script="filter_form.js")
            active_filters = html_component("active-filters", script="active_filters.js")
            clear = gr.Button("New conversation", elem_id="clear", size="sm", scale=0)
        with gr.Column(elem_id="examples"):
            examples = [
                gr.Button("", visible=False, elem_classes="example") for _ in range(MAX_EXAMPLES)
            ]
    footer = html_component("footer")
    timer = gr.Timer(EXAMPLES_INTERVAL, active=False)
    return Page(
        state=state,
        filters=filters,
        notice=notice,
        past=past,
        current=current,
        ask_area=ask_area,
        box=box,
        ask=ask,
        form=form,
        active_filters=active_filters,
        clear=clear,
        examples=examples,
        footer=footer,
        timer=timer,
    )


def connect(app: gr.Blocks, page: Page, service: Service) -> None:
    """Connects what a visitor does with what the page then shows."""
    streams = SessionStreams()
    respond, ask_again = answer_handlers(service, streams)
    inputs, outputs = [page.state, page.filters], [*page.shown, page.box]
    asked = [page.box.submit, page.ask.click]
    gr.on(asked, respond, [page.box, *inputs], outputs, **PRIVATE_EVENT)
    for example in page.examples:
        example.click(respond, [example, *inputs], outputs, **PRIVATE_EVENT)
    for turns in (page.past, page.current):
        turns.select(ask_again, inputs, outputs, **PRIVATE_EVENT)
    set_filter, drop_filter = filter_handlers(service)
    in_force = [page.filters, page.active_filters]
    page.form.input(set_filter, page.filters, in_force, **PRIVATE_EVENT, **SEQUENTIAL)
    page.active_filters.select(drop_filter, page.filters, in_force, **PRIVATE_EVENT, **SEQUENTIAL)
    cleared = ("", "", ChatState(), NO_FILTERS, "", "")
    page.clear.click(lambda: cleared, None, outputs, **PRIVATE_EVENT)
    filled = [page.notice, page.footer, page.ask_area, page.form, *page.shown]
    app.load(load_handler(service), None, filled, **PRIVATE_EVENT)
    show_examples = examples_handler(service)
    found = [*page.examples, page.timer]
    gr.on([app.load, page.timer.tick], show_examples, None, found, **PRIVATE_EVENT)
    app.unload(streams.close)


def html_component(name: str, html: str = "", *, script: str | None = None) -> gr.HTML:
    """A part of the page with our HTML; ``script`` is a file in ``static/components``."""
    source = (COMPONENT_SCRIPTS / script).read_text(encoding="utf-8") if script else None
    return gr.HTML(html, elem_id=name, js_on_load=source, **UNSTYLED)


def question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask a question about the articles",
        lines=1,
        max_lines=6,
        max_length=MAX_QUESTION_LENGTH,
        elem_id="question-box",
        container=False,
        autofocus=True,
        scale=1,
    )


def mount_chat(app: FastAPI, service: Service) -> None:
    """Puts the chat page at the root of ``app``, after the routes that it already has.

    To be called where no event loop runs.
    """

    async def mount() -> None:
        gr.mount_gradio_app(
            app,
            build_app(service),
            path="/",
            footer_links=[],
            run_history=False,
            show_error=False,
            max_file_size=MAX_UPLOAD_SIZE,
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            theme=theme(),
            mcp_server=False,
        )

    # Without a running loop, Gradio opens several and leaves them open.
    asyncio.run(mount())


def answer_handlers(service: Service, streams: SessionStreams) -> tuple[Any, Any]:
    """The handlers that answer a question, and that ask one again without a filter."""

    def respond(
        question: str, state: ChatState, filters: Filters, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        history = answers_in(state.turns)
        yield from page_updates(service, streams, question or "", state, filters, history, request)

    def ask_again(
        state: ChatState, filters: Filters, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        sent = event._data if isinstance(event._data, Mapping) else {}
        turn = state.turn(sent.get("turn"))
        chip = filter_at(service, turn, sent.get("chip")) if turn else None
        if turn is None or chip is None:
            yield (gr.skip(),) * 6
            return
        # A filter that was set by hand and is removed here no longer restricts later questions.
        later = filters if chip.from_question else without_chip(filters, chip)
        restricted, history = without_chip(turn.filters, chip), state.history_before(turn)
        asked = turn.question, state, restricted, history, request
        yield from page_updates(service, streams, *asked, later=later)

    return respond, ask_again


def page_updates(
    service: Service,
    streams: SessionStreams,
    question: str,
    state: ChatState,
    filters: Filters,
    history: Sequence[Answer],
    request: gr.Request,
    later: Filters | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Each state of the page while a question is answered, as values of ``outputs``.

    ``later`` replaces the filters of the questions to come, at once, so that what is chosen while
    the answer is made stays chosen.
    """
    chosen = filters if filters != NO_FILTERS else None
    stream = partial(service.stream, history=history, filters=chosen)
    source = streams.track(request.session_hash or "", stream)
    if not question.strip():
        yield (gr.skip(),) * 6
        return
    first = True
    for update in stream_updates(question, source):
        html, next_state = update.html, gr.skip()
        if update.turn:
            store = is_local(request)
            turn = finish_turn(service, state, update.turn, filters, store=store)
            html, next_state = turn.html, state.followed_by(turn)
        if not first:
            yield gr.skip(), html, next_state, gr.skip(), gr.skip(), gr.skip()
            continue
        first = False
        next_filters = gr.skip() if later is None else later
        in_force = active_filters_of(service, filters if later is None else later)
        yield history_html(state), html, next_state, next_filters, in_force, ""


def filter_handlers(service: Service) -> tuple[Any, Any]:
    """The handlers that set a filter for the questions to come, and that remove one."""

    def set_filter(filters: Filters, event: gr.EventData) -> tuple[Filters, Markup]:
        filters = apply_form_change(filters, event._data)
        return filters, active_filters_of(service, filters)

    def drop_filter(filters: Filters, event: gr.EventData) -> tuple[Filters, Markup]:
        filters = remove_filter(filters, event._data)
        return filters, active_filters_of(service, filters)

    return set_filter, drop_filter


def active_filters_of(service: Service, filters: Filters) -> Markup:
    return active_filters_html(filters, service.titles({*filters.articles, *filters.not_articles}))


def load_handler(service: Service) -> Any:
    """The handler that fills the page when it is opened."""

    def on_load(request: gr.Request) -> tuple[Any, ...]:
        articles: tuple[ArticleSummary, ...] = ()
        state, filters, message = ChatState(), NO_FILTERS, Markup()
        try:
            articles = service.articles()
            message = Markup() if articles else empty_library_html(service.folder)
            state, filters = requested_state(service, request)
        except ConversationUnknown:
            text = "Ask something to start a new one."
            message += notice_html("hint", "This conversation doesn’t exist any more", text)
        except FootnoteError as error:
            message = notice_html("error", "The library can’t be read", str(error))
        *before, last = state.turns or (None,)
        about = about_verification_html(verifier_metrics(), service.checker)
        return (
            message,
            render("footer.html", articles=len(articles)) + about,
            gr.update(visible=bool(articles)),
            filter_form_html(articles),
            history_html(replace(state, turns=tuple(before))),
            last.html if last else "",
            state,
            filters,
            active_filters_of(service, filters),
        )

    return on_load


def examples_handler(service: Service) -> Any:
    """The handler that fills the buttons with example questions, until they have been found."""

    def show_examples() -> list[Any]:
        try:
            found = service.example_questions()
        except FootnoteError:
            # The page says elsewhere what is wrong with the library.
            found = ()
        questions = found or ()
        shown = [gr.update(value=question, visible=True) for question in questions]
        hidden = [gr.update(visible=False)] * (MAX_EXAMPLES - len(questions))
        return [*shown, *hidden, gr.Timer(active=found is None)]

    return show_examples


def is_local(request: gr.Request) -> bool:
    """See `from_this_machine`; Gradio's request has the attributes of the one that it wraps."""
    return from_this_machine(cast(Request, request))


def requested_state(service: Service, request: gr.Request) -> tuple[ChatState, Filters]:
    """The conversation, or the article to ask about, that the page's address names.

    Raises:
        ConversationUnknown: There is none with that id, or this visitor may not see it.
    """
    asked = dict(request.query_params)
    if conversation := asked.get("conversation"):
        if not is_local(request):
            raise ConversationUnknown(conversation)
        return restore_state(service, conversation), NO_FILTERS
    if service.titles({article := asked.get("article", "")}):
        return ChatState(), Filters(articles=(article,))
    return ChatState(), NO_FILTERS

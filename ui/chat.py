"""The chat page as Gradio blocks. `build_app` builds; what happens is in `ui.chat_handlers`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_cache_dir

# Read when Gradio is imported: the model hub is not asked, and no folder is left in the system's
# folder for temporary files.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(user_cache_dir("footnote"), "gradio")))

import gradio as gr
from fastapi import FastAPI

from ui.chat_controller import NO_FILTERS
from ui.chat_handlers import ChatHandlers
from ui.chat_state import ChatState
from ui.examples import MAX_EXAMPLES
from ui.html import render
from ui.html_shell import TITLE
from ui.service import MAX_QUESTION_LENGTH, Service
from ui.visitor import visited_by
from ui.words import say

# An answer waits for a backend more than it computes; sixteen at once keep twenty visitors from
# queueing, and Gradio's own default is one.
MAX_CONCURRENT_ANSWERS = 16
MAX_QUEUE_LENGTH = 200
# Seconds between two checks whether the example questions have been found.
EXAMPLES_INTERVAL = 1.0
# The page uploads nothing; the upload routes are closed as well.
MAX_UPLOAD_SIZE = "1kb"

COMPONENT_SCRIPTS = Path(__file__).parent / "static" / "components"
UNSTYLED: Mapping[str, Any] = {"apply_default_css": False}
HIDDEN_EXAMPLE: Mapping[str, Any] = {"visible": False, "elem_classes": "example"}
PRIVATE_EVENT: Mapping[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# What asks or stops is numbered (see `RunningAnswers`), and never ignored, as Gradio would while
# the same is still being done.
NUMBERED: Mapping[str, Any] = {
    **PRIVATE_EVENT,
    "js": "(_, ...given) => [footnoteChat.nextNumber(), ...given]",
    "trigger_mode": "multiple",
}
# Two quick choices are two changes; the second applies to the result of the first.
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

    masthead: gr.HTML
    number: gr.Number
    state: gr.State
    filters: gr.State
    backend: gr.State
    notice: gr.HTML
    past: gr.HTML
    current: gr.HTML
    next: gr.HTML
    ask_area: gr.Column
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    form: gr.HTML
    model: gr.HTML
    active_filters: gr.HTML
    clear: gr.Button
    examples: list[gr.Button]
    footer: gr.HTML
    timer: gr.Timer

    @property
    def filled(self) -> list[Any]:
        """What is filled when the page is opened. The box is not: somebody may be typing."""
        first = [self.masthead, self.notice, self.footer, self.ask_area, self.form, self.model]
        return [*first, *self.shown]

    @property
    def remembered(self) -> list[Any]:
        return [self.state, self.filters, self.backend]

    @property
    def shown(self) -> list[Any]:
        return [self.past, self.current, self.state, self.filters, self.active_filters]


def build_app(service: Service) -> gr.Blocks:
    """The chat page over one library. A visitor's conversation lives in ``gr.State`` alone."""
    app: gr.Blocks
    with (
        visited_by(service.visitor),
        gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as app,
    ):
        connect(app, lay_out(service), service)
    app.queue(
        default_concurrency_limit=MAX_CONCURRENT_ANSWERS, max_size=MAX_QUEUE_LENGTH, api_open=False
    )
    return app


def lay_out(service: Service) -> Page:
    """Creates the components, from top to bottom."""
    state, filters, backend = gr.State(ChatState()), gr.State(NO_FILTERS), gr.State(None)
    masthead = html_component("masthead", render("masthead.html"))
    notice = html_component("library-notice")
    past = html_component("past", script="turns.js")
    with gr.Column(elem_id="latest"):
        current = html_component("current", script="turns.js")
        following = html_component("next", script="next_questions.js")
    with gr.Column(elem_id="ask-area", visible=bool(service.articles())) as ask_area:
        box, ask, stop = composer()
        with gr.Row(elem_id="ask-options"):
            form = html_component("filter", script="filter_form.js")
            model = html_component("model", script="model_menu.js")
            active_filters = html_component("active-filters", script="active_filters.js")
            clear = gr.Button(say("new_conversation"), elem_id="clear", size="sm", scale=0)
        with gr.Column(elem_id="examples"):
            examples = [gr.Button("", **HIDDEN_EXAMPLE) for _ in range(MAX_EXAMPLES)]
    return Page(
        masthead=masthead,
        number=gr.Number(visible=False, precision=0),
        state=state,
        filters=filters,
        backend=backend,
        notice=notice,
        past=past,
        current=current,
        next=following,
        ask_area=ask_area,
        box=box,
        ask=ask,
        stop=stop,
        form=form,
        model=model,
        active_filters=active_filters,
        clear=clear,
        examples=examples,
        footer=html_component("footer"),
        timer=gr.Timer(EXAMPLES_INTERVAL, active=False),
    )


def composer() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """The question box, and its buttons: ask and stop."""
    with gr.Row(elem_id="composer"):
        return (
            question_box(),
            gr.Button(say("ask"), elem_id="ask", variant="primary", scale=0),
            gr.Button(say("stop"), elem_id="stop", scale=0),
        )


def connect(app: gr.Blocks, page: Page, service: Service) -> None:
    """Connects what a visitor does with what the page then shows."""
    does = ChatHandlers(service)
    number, state, outputs = page.number, page.remembered, page.shown
    asked = [page.box.submit, page.ask.click]
    answering = [gr.on(asked, does.ask, [number, page.box, *state], outputs, **NUMBERED)]
    for example in page.examples:
        given = [number, example, *state]
        answering.append(example.click(does.ask_example, given, outputs, **NUMBERED))
    for turns in (page.past, page.current):
        answering.append(turns.select(does.ask_again, [number, *state], outputs, **NUMBERED))
    answering.append(page.next.select(does.ask_shown, [number, *state], outputs, **NUMBERED))
    page.stop.click(does.stop, number, **NUMBERED)
    cleared = page.clear.click(does.clear, number, outputs, **NUMBERED)
    app.unload(does.leave)
    in_force = [page.filters, page.active_filters]
    page.form.input(does.set_filter, page.filters, in_force, **PRIVATE_EVENT, **SEQUENTIAL)
    page.active_filters.select(
        does.drop_filter, page.filters, in_force, **PRIVATE_EVENT, **SEQUENTIAL
    )
    looked_at, chosen = [page.state, page.backend], [page.backend, page.model]
    page.model.input(does.open_models, looked_at, page.model, **PRIVATE_EVENT)
    page.model.select(does.choose_model, page.backend, chosen, **PRIVATE_EVENT)
    loaded = app.load(does.load, None, page.filled, **PRIVATE_EVENT)
    # Those of the previous answer go at once; the next come after the answer, which does not wait.
    leaving = [*asked, *(example.click for example in page.examples), page.next.select]
    gr.on(leaving, None, None, page.next, js="() => ''", **PRIVATE_EVENT)
    for done in (*answering, cleared, loaded):
        done.then(does.show_next, [page.state, page.filters], page.next, **PRIVATE_EVENT)
    found = [*page.examples, page.timer]
    gr.on([app.load, page.timer.tick], does.show_examples, None, found, **PRIVATE_EVENT)


def html_component(name: str, html: str = "", *, script: str | None = None) -> gr.HTML:
    """A part of the page with our HTML; ``script`` is a file in ``static/components``."""
    source = (COMPONENT_SCRIPTS / script).read_text(encoding="utf-8") if script else None
    return gr.HTML(html, elem_id=name, js_on_load=source, **UNSTYLED)


def question_box() -> gr.Textbox:
    return gr.Textbox(
        label=say("your_question"),
        show_label=False,
        placeholder=say("question_placeholder"),
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

    Must be called where no event loop runs.
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

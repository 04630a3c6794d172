"""The chat page as Gradio blocks. `build_app` builds; what happens is in `ui.conversation`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from functools import partial
from typing import Any

# Gradio calls home when it is imported, unless it is told not to before that.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
from fastapi import FastAPI

from rag import FootnoteError, checker_figures
from ui.conversation import (
    Turn,
    answers_of,
    converse,
    empty_library_html,
    foot_html,
    past_html,
)
from ui.examples import MOST_EXAMPLES, example_questions
from ui.front import TITLE
from ui.how import how_html
from ui.leaving import Readers
from ui.render import notice_html
from ui.shelf import LONGEST_QUESTION, Shelf

# An answer waits for a backend more than it computes; sixteen at once keep twenty visitors from
# queueing behind each other, and Gradio's own default is one.
ANSWERS_AT_ONCE = 16
LONGEST_LINE = 200
# The page uploads nothing; the upload routes are shut besides.
LARGEST_UPLOAD = "1kb"

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
    plain: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as app:
        turns = gr.State(())
        gr.HTML(MASTHEAD, elem_id="masthead", **plain)
        notice = gr.HTML("", elem_id="library-notice", **plain)
        past = gr.HTML("", elem_id="past", **plain)
        current = gr.HTML("", elem_id="current", **plain)
        with gr.Column(elem_id="desk", visible=bool(shelf.articles())) as desk:
            with gr.Row(elem_id="composer"):
                box = gr.Textbox(
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
                ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0)
            clear = gr.Button("New conversation", elem_id="clear", size="sm")
            with gr.Column(elem_id="examples"):
                examples = [
                    gr.Button("", visible=False, elem_classes="example")
                    for _ in range(MOST_EXAMPLES)
                ]
        foot = gr.HTML("", elem_id="foot", **plain)

        outputs = [past, current, turns, box]
        readers = Readers()
        respond = responder(shelf, readers)
        gr.on([box.submit, ask.click], respond, [box, turns], outputs, **private)
        for example in examples:
            example.click(respond, [example, turns], outputs, **private)
        clear.click(lambda: ("", "", (), ""), None, [past, current, turns, box], **private)
        app.unload(readers.left)
        app.load(lambda: arrival(shelf), None, [notice, foot, desk, *examples], **private)
    app.queue(default_concurrency_limit=ANSWERS_AT_ONCE, max_size=LONGEST_LINE, api_open=False)
    return app


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


def responder(shelf: Shelf, readers: Readers) -> Any:
    """The handler that answers a question and shows each state of it."""

    def respond(
        question: str, turns: tuple[Turn, ...], request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        first = True
        stream = partial(shelf.stream, history=answers_of(turns))
        ask = readers.watched(request.session_hash or "", stream)
        for update in converse(question or "", ask):
            kept = (*turns, update.turn) if update.turn else gr.skip()
            yield (
                past_html(turns) if first else gr.skip(),
                update.html,
                kept,
                "" if first else gr.skip(),
            )
            first = False

    return respond


def arrival(shelf: Shelf) -> tuple[Any, ...]:
    """What a visitor finds: the notice, the last line, the box, and the example questions."""
    try:
        articles = shelf.articles()
        message = "" if articles else empty_library_html(shelf.folder)
    except FootnoteError as error:
        articles = ()
        message = notice_html("error", "The library cannot be read", str(error))
    questions = example_questions(articles)
    buttons = [gr.update(value=question, visible=True) for question in questions] + [
        gr.update(visible=False)
    ] * (MOST_EXAMPLES - len(questions))
    return (
        message,
        foot_html(len(articles)) + how_html(checker_figures()),
        gr.update(visible=bool(articles)),
        *buttons,
    )

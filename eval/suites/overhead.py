"""What Footnote adds to a model's own time: a scripted server, read directly and through Footnote.

The server speaks the OpenAI protocol, waits before the first word and between words, and writes
the same sentences each time. Its own time is known, and the rest is Footnote's.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eval.libraries import seeds_library
from eval.report import versions
from rag import (
    Answer,
    BackendSettings,
    Drafted,
    FootnoteError,
    Library,
    Sentence,
    Settings,
    answer,
    stream,
)

QUESTION = "What does OpenAI accuse DeepSeek of?"
BODY = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds from the question: to the first word, to the first whole sentence, to the end.

    Footnote's first word is the first that it shows as a draft, its first sentence a checked one.
    """

    word: float
    sentence: float
    total: float


@dataclass(frozen=True, slots=True)
class OverheadReport:
    """Runs of the bare stream and of Footnote, and Footnote's seconds of finding evidence."""

    bare: tuple[Run, ...]
    product: tuple[Run, ...]
    retrieve: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"suite": "overhead", "seconds": asdict(self), "versions": versions()}

    def table(self) -> str:
        """Medians in milliseconds."""
        found = statistics.median(self.retrieve) * 1_000
        rows = [f"{'':34}{'bare stream':>13}{'Footnote':>13}{'added':>11}   (p50, ms)"]
        for name, label in (
            ("word", "first word, shown as a draft"),
            ("sentence", "first sentence, whole and checked"),
            ("total", "the end"),
        ):
            bare, product = (
                statistics.median(getattr(run, name) for run in runs) * 1_000
                for runs in (self.bare, self.product)
            )
            rows.append(f"{label:34}{bare:13.1f}{product:13.1f}{product - bare:11.1f}")
        rows.append(f"finding the evidence takes {found:.1f} ms of what is added")
        return "\n".join(rows)


def measure(runs: int, *, wait: float = 0.2, between: float = 0.02) -> OverheadReport:
    """Asks the same question ``runs`` times directly and through Footnote, alternating.

    Args:
        runs: Counted runs of each; one of each before them is not counted.
        wait: Seconds before the server's first word.
        between: Seconds between its words.

    Raises:
        FootnoteError: The scripted server did not write the answer.
    """
    with seeds_library() as library:
        draft = "\n".join(s.text for s in answer(QUESTION, library=library).sentences)
        with serving(lambda _: draft, wait, between) as port:
            settings = _settings(library, port)
            _bare(port), _product(library, settings)
            bare, product = [], []
            for _ in range(runs):
                bare.append(_bare(port))
                product.append(_product(library, settings))
    return OverheadReport(
        tuple(bare), tuple(run for run, _ in product), tuple(found for _, found in product)
    )


def _settings(library: Library, port: int) -> Settings:
    backend = BackendSettings(
        name="scripted",
        base_url=f"http://127.0.0.1:{port}/v1",
        model="scripted",
        location="local",
        context=32_000,
    )
    return Settings(library=library.path, backend=("scripted",), backends=(backend,))


def _bare(port: int) -> Run:
    """The stream, read by a client that does nothing else."""
    started = time.perf_counter()
    word = sentence = 0.0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps(BODY)
    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    text = ""
    for line in connection.getresponse():
        if not line.startswith(b"data: {"):
            continue
        choice = json.loads(line[6:])["choices"][0]
        text += choice["delta"].get("content", "")
        word = word or time.perf_counter()
        # A sentence is known to be whole when the next one begins.
        if not sentence and "\n" in text:
            sentence = time.perf_counter()
    ended = time.perf_counter()
    connection.close()
    return Run(word - started, (sentence or ended) - started, ended - started)


def _product(library: Library, settings: Settings) -> tuple[Run, float]:
    started = time.perf_counter()
    word = sentence = 0.0
    found: Answer | None = None
    for item in stream(QUESTION, library=library, settings=settings, drafts=True):
        if isinstance(item, Answer):
            found = item
        elif isinstance(item, Drafted):
            word = word or time.perf_counter()
        elif isinstance(item, Sentence):
            sentence = sentence or time.perf_counter()
    ended = time.perf_counter()
    if found is None or found.refused or found.backend.name != "scripted":
        raise FootnoteError("The scripted server did not write the answer.")
    run = Run(word - started, sentence - started, ended - started)
    return run, found.trace.seconds["retrieve"]


class Listener(ThreadingHTTPServer):
    """Lets visitors that come at once wait to be accepted."""

    request_queue_size = 128


@contextmanager
def serving(draft: Callable[[str], str], wait: float, between: float) -> Iterator[int]:
    """The scripted server on a free port of loopback; yields the port.

    Args:
        draft: What it writes, from the prompt.
        wait: Seconds before the first word.
        between: Seconds between words.
    """
    server = Listener(("127.0.0.1", 0), _handler(draft, wait, between))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(
    draft: Callable[[str], str], wait: float, between: float
) -> type[BaseHTTPRequestHandler]:
    """Writes drafts as `serving` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            prompt = "\n".join(message["content"] for message in asked["messages"])
            words = draft(prompt).replace("\n", " \n ").split(" ")
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            time.sleep(wait)
            for word in words:
                self._event({"content": word + " "}, None)
                time.sleep(between)
            self._event({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, delta: dict[str, str], finish: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    return Handler

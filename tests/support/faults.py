"""Every fault of a backend as a play of the scripted server, with the outcome that is promised.

An outcome is one of

- ``normal``: a whole answer;
- ``recovered``: a whole answer at the second request;
- ``partial``: what came in a stream is kept and marked; of a plain reply, a clear error;
- ``part``: what came is kept and marked, either way;
- ``error``: a clear error, after repeating; ``refused``: a clear error without repeating;
- ``fewer``, ``optional``: repeated once with fewer passages, or without optional fields.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import NamedTuple

from scripted_server import DONE, FIRST, TEXT, Asked, Play, Wire, answers, chunk, whole

THOUGHT = "The reader asks when. Let me look. It says 1999 somewhere."


class Fault(NamedTuple):
    play: Play
    outcome: str
    says: str = ""


def status(code: int, body: object = "", kind: str = "application/json", **headers: str) -> Play:
    return lambda wire, asked: wire.status(code, body, kind, **headers)


def error(status_code: int, message: str, **fields: object) -> Play:
    return status(status_code, {"error": {"message": message, **fields}})


def streamed(tell: Callable[[Wire], None], body: object | None = None) -> Play:
    """Tells a stream; to a plain request it gives ``body``, or a good answer."""

    def play(wire: Wire, asked: Asked) -> None:
        if asked.body.get("stream"):
            wire.head()
            tell(wire)
        elif body is None:
            wire.status(200, whole())
        else:
            wire.status(200, body)

    return play


def cut_after_first(then: Callable[[Wire], None], body: object = "{") -> Play:
    def tell(wire: Wire) -> None:
        wire.words(TEXT[:60])
        then(wire)

    return streamed(tell, body)


def cut_reply(wire: Wire, asked: Asked) -> None:
    """The socket is cut: amid the stream, or amid the one reply."""
    if asked.body.get("stream"):
        wire.head()
        wire.words(TEXT[:60])
    else:
        wire.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
        )
    time.sleep(0.05)
    wire.reset()


def stalled(wire: Wire, asked: Asked) -> None:
    if asked.body.get("stream"):
        wire.head()
        wire.words(TEXT[:60])
        # Signs of life are no words.
        for _ in range(40):
            wire.send(b": still here\n\n")
            if wire.gone(0.1):
                return
    wire.gone(10)


def silent(wire: Wire, asked: Asked) -> None:
    wire.gone(10)


def in_bytes(wire: Wire) -> None:
    data = "".join(
        f"data: {value}\n\n"
        for value in (
            '{"choices":[{"index":0,"delta":{"content":"The bridge opened in 1932 [1]. "}}]}',
            '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
            "[DONE]",
        )
    )
    for byte in data.encode():
        wire.send(bytes([byte]))


def umlauts(wire: Wire) -> None:
    import json

    event = json.dumps(chunk(content="Die Brücke öffnete 1932 → heute [1]. "), ensure_ascii=False)
    raw = f"data: {event}\n\n".encode()
    for place in range(0, len(raw), 3):
        wire.send(raw[place : place + 3])
        time.sleep(0.001)
    wire.stop()


def line_ends(end: str, lead: str = "data: ") -> Callable[[Wire], None]:
    def tell(wire: Wire) -> None:
        for word in TEXT.split(" "):
            wire.event(chunk(content=word + " "), end, lead)
        wire.event(chunk(finish="stop"), end, lead)
        wire.event(DONE, end, lead)

    return tell


def around(before: Callable[[Wire], None], after: Callable[[Wire], None]) -> Play:
    def tell(wire: Wire) -> None:
        before(wire)
        wire.words(TEXT)
        wire.event(chunk(finish="stop"))
        after(wire)
        wire.event(DONE)

    return streamed(tell)


def thinking_field(wire: Wire) -> None:
    for word in THOUGHT.split(" "):
        wire.event(chunk(content=None, reasoning_content=word + " "))
    wire.words(TEXT)
    wire.stop()


def thinking_tags(text: str) -> Callable[[Wire], None]:
    def tell(wire: Wire) -> None:
        for place in range(0, len(text), 3):
            wire.event(chunk(content=text[place : place + 3]))
        wire.stop()

    return tell


def events(*values: object) -> Play:
    def tell(wire: Wire) -> None:
        wire.words(TEXT[:60])
        for value in values:
            wire.event(value)
        wire.stop()

    return streamed(tell, "{broken")


def endless(wire: Wire) -> None:
    for _ in range(40_000):
        wire.event(chunk(content="the "))


def huge(wire: Wire) -> None:
    wire.words(TEXT)
    wire.event(chunk(content="word " * 2_000_000))
    wire.stop()


def finished(reason: str, **message: object) -> Play:
    def tell(wire: Wire) -> None:
        wire.words(TEXT[:60])
        wire.stop(reason)

    return streamed(tell, whole(TEXT[:60], reason, **message))


def said(text: str) -> Play:
    return answers(text)


def nothing(wire: Wire) -> None:
    pass


def refuses(wire: Wire) -> None:
    wire.event(chunk(refusal="I cannot help with that."))
    wire.stop()


CONTEXT = "This model's maximum context length is 4096 tokens, your prompt has 6000 tokens."
MANY = "Rate limit reached for requests"
LOGIN = "<html><head><title>Sign in</title></head><body>Please sign in</body></html>"
OK = "normal"

# What each outcome means to a reader: (streaming, not streaming).
MEANINGS: dict[str, tuple[str, str]] = {
    "normal": ("complete answer", "complete answer"),
    "thought": ("complete answer, reasoning separated", "complete answer, reasoning separated"),
    "uncounted": ("complete answer, cost unknown", "complete answer, cost unknown"),
    "noted": ("complete answer with a note", "complete answer with a note"),
    "recovered": ("retried, then complete answer", "retried, then complete answer"),
    "loading": ("waits, then retries", "waits, then retries"),
    "fewer": ("one retry with fewer passages", "one retry with fewer passages"),
    "optional": ("one retry without optional fields", "one retry without optional fields"),
    "partial": ("partial answer kept, marked incomplete", "error"),
    "part": ("partial answer kept, marked incomplete", "partial answer kept, marked incomplete"),
    "error": ("retried, then error", "retried, then error"),
    "refused": ("error, no retry", "error, no retry"),
}

FAULTS: dict[str, Fault] = {
    "reset after request sent": Fault(lambda wire, asked: wire.reset(), "error", "was lost"),
    "no bytes for 5 min (cold model load)": Fault(silent, "refused", "still be loading"),
    "400 context_length_exceeded": Fault(
        error(400, CONTEXT, code="context_length_exceeded"), "fewer", "do not fit"
    ),
    "400 exceed_context_size_error (n_prompt_tokens, n_ctx)": Fault(
        error(
            400, "the request exceeds the available context size", n_ctx=512, n_prompt_tokens=900
        ),
        "fewer",
        "do not fit",
    ),
    "400 bad parameter (temperature / max_tokens / stop)": Fault(
        error(400, "Unsupported value: 'temperature' does not support 0", param="temperature"),
        "optional",
        "temperature",
    ),
    "401 wrong key": Fault(error(401, "Incorrect API key provided"), "refused", "key is wrong"),
    "402 no credit": Fault(error(402, "Insufficient Balance"), "refused", "no credit"),
    "403 forbidden region": Fault(error(403, "Country not supported"), "refused", "forbidden"),
    "404 model not pulled": Fault(
        error(404, "model 'tiny' not found, try pulling it first"), "refused", "ollama pull tiny"
    ),
    "404 wrong path (missing /v1)": Fault(
        status(404, "404 page not found", "text/plain"), "refused", "base_url"
    ),
    "408": Fault(status(408), "recovered", "408"),
    "409": Fault(status(409), "recovered", "409"),
    "413 body too large": Fault(status(413, "too large"), "fewer", "do not fit"),
    "422 unknown field": Fault(
        status(
            422, {"detail": [{"msg": "Extra inputs are not permitted", "loc": "stream_options"}]}
        ),
        "optional",
        "stream_options",
    ),
    "429 no Retry-After": Fault(error(429, MANY), "recovered", "too many requests"),
    "429 Retry-After: 2": Fault(
        status(429, MANY, "text/plain", Retry_After="2"), "recovered", "wait 2 s"
    ),
    "429 Retry-After: 120": Fault(
        status(429, MANY, "text/plain", Retry_After="120"), "refused", "wait 120 s"
    ),
    "429 Retry-After as HTTP date": Fault(
        status(429, MANY, "text/plain", Retry_After=formatdate(time.time() + 3_600, usegmt=True)),
        "refused",
        "asks to wait",
    ),
    "429 insufficient_quota": Fault(
        error(429, "You exceeded your current quota", code="insufficient_quota"),
        "refused",
        "no quota",
    ),
    "500": Fault(status(500, "oops", "text/plain"), "recovered", "500"),
    "500 with HTML body": Fault(status(500, LOGIN, "text/html"), "recovered", "500"),
    "502 from a proxy": Fault(status(502, LOGIN, "text/html"), "recovered", "502"),
    "503 Loading model": Fault(error(503, "Loading model"), "loading", "Loading"),
    "503 server busy (queue full)": Fault(error(503, "server busy"), "recovered", "busy"),
    "504 from a proxy": Fault(status(504, LOGIN, "text/html"), "recovered", "504"),
    "520-529": Fault(status(524, LOGIN, "text/html"), "recovered", "524"),
    "200 with an HTML login page": Fault(status(200, LOGIN, "text/html"), "refused", "Sign in"),
    "200 with an empty body": Fault(status(200, ""), "refused", "empty"),
    "200 stream with only [DONE]": Fault(
        streamed(lambda wire: wire.event(DONE), ""), "refused", "empty"
    ),
    "200 JSON instead of a stream": Fault(status(200, whole()), OK),
    "200 with error object in JSON": Fault(
        status(200, {"error": {"message": "model overloaded"}}), "refused", "model overloaded"
    ),
    "stream ends cleanly with no finish_reason and no [DONE]": Fault(
        cut_after_first(nothing, whole(TEXT[:60], None)), "partial", "complete"
    ),
    "socket cut in mid-stream": Fault(cut_reply, "partial", "lost"),
    "stall in mid-stream": Fault(stalled, "partial", "1 s"),
    "error event in mid-stream (object)": Fault(
        events({"error": {"message": "engine died"}}), "partial", "engine died"
    ),
    "error event in mid-stream (plain string)": Fault(
        events({"error": "engine died"}), "partial", "engine died"
    ),
    "broken JSON in one event": Fault(events('{"choices": [{"delta": {"con'), "partial", "read"),
    "two JSON objects in one event": Fault(events('{"choices": []}{"choices": []}'), "partial"),
    "event split across 1-byte packets": Fault(streamed(in_bytes), OK),
    "multi-byte character split across packets": Fault(
        streamed(umlauts, whole("Die Brücke öffnete 1932 → heute [1].")), OK, "Brücke öffnete"
    ),
    "CRLF line ends": Fault(streamed(line_ends("\r\n\r\n")), OK),
    "data: without a space": Fault(streamed(line_ends("\n\n", "data:")), OK),
    "comment keep-alive lines": Fault(around(lambda w: w.send(b": ping\n\n"), nothing), OK),
    "first event with empty choices (content-filter report)": Fault(
        around(lambda w: w.event({"choices": [], "prompt_filter_results": []}), nothing), OK
    ),
    "last event with only usage and empty choices": Fault(
        around(nothing, lambda w: w.event({"choices": [], "usage": {"prompt_tokens": 9}})), OK
    ),
    "delta is null": Fault(
        around(lambda w: w.event({"choices": [{"index": 0, "delta": None}]}), nothing), OK
    ),
    "content is null with reasoning_content": Fault(
        streamed(thinking_field, whole(reasoning_content=THOUGHT)), "thought"
    ),
    "<think> block split over events": Fault(
        streamed(
            thinking_tags(f"<think>{THOUGHT}</think>{TEXT}"),
            whole(f"<think>{THOUGHT}</think>{TEXT}"),
        ),
        "thought",
    ),
    "</think> with no opening tag": Fault(
        streamed(thinking_tags(f"{THOUGHT}</think>{TEXT}"), whole(f"{THOUGHT}</think>{TEXT}")),
        "thought",
    ),
    "<think> never closed": Fault(
        streamed(thinking_tags(f"{TEXT}<think>{THOUGHT}"), whole(f"{TEXT}<think>{THOUGHT}")),
        "part",
        "reasoning",
    ),
    "usage missing": Fault(
        streamed(lambda w: (w.words(TEXT), w.stop(usage=False)), whole(usage=False)), "uncounted"
    ),
    "finish_reason length": Fault(finished("length"), "part", "limit"),
    "finish_reason content_filter": Fault(finished("content_filter"), "part", "filter"),
    "finish_reason tool_calls although no tool was offered": Fault(
        streamed(lambda w: w.stop("tool_calls"), whole(None, "tool_calls")), "refused", "tool"
    ),
    "refusal field": Fault(
        streamed(refuses, whole(None, refusal="I cannot help with that.")),
        "refused",
        "I cannot help",
    ),
    "same token repeated without end": Fault(
        streamed(endless, whole("the " * 40_000, "length")), "part"
    ),
    "10 MB answer": Fault(streamed(huge, whole(TEXT + "word " * 2_000_000)), "part"),
    "answer in another language than asked": Fault(said("Die Brücke öffnete 1932 [1]. "), OK),
    "answer with no citation": Fault(said("The bridge of Esk opened in 1932. "), OK),
    "answer citing a source number never given": Fault(
        said("The bridge of Esk opened in 1932 [77]. "), OK
    ),
    "empty answer (spaces only)": Fault(said("   "), "refused", "empty"),
    "prompt silently cut by the server (usage.prompt_tokens far below what was sent)": Fault(
        streamed(
            lambda w: (
                w.words(TEXT),
                w.event(chunk("stop", {"prompt_tokens": 12, "completion_tokens": 3})),
            ),
            whole() | {"usage": {"prompt_tokens": 12, "completion_tokens": 3}},
        ),
        "noted",
        "read only 12 tokens",
    ),
    "model name in the reply differs": Fault(
        streamed(
            lambda w: (w.event(chunk(content=TEXT) | {"model": "other"}), w.stop()),
            whole() | {"model": "other"},
        ),
        "noted",
        "answered as other",
    ),
    "clock skew / created = 0": Fault(answers(), OK),
    "missing [DONE]": Fault(streamed(lambda w: (w.words(TEXT), w.event(chunk(finish="stop")))), OK),
    "300 sends on elsewhere": Fault(
        status(302, "", "text/html", Location="http://127.0.0.1:9/v1"), "refused", "not followed"
    ),
    "choices are empty": Fault(status(200, {"choices": []}), "refused", "no answer"),
    "not JSON": Fault(status(200, "surprise", "text/plain"), "refused"),
    "content is a number": Fault(
        streamed(lambda w: w.event(chunk(content=7)), whole(7)),
        "refused",
        "other than text",  # type: ignore[arg-type]
    ),
    "events are lists": Fault(streamed(lambda w: w.event([1, 2]), [1, 2]), "refused"),
    "marks split over events": Fault(streamed(thinking_tags(TEXT)), OK),
    "answer in JSON": Fault(
        said('{"answer": "The bridge of Esk opened in 1932.", "sources": [1]}'), OK
    ),
    "answer in a fence": Fault(said(f'```json\n["{FIRST}"]\n```'), OK),
}

# No server is there that could play these; `tests/generation/test_faults.py` makes each by itself.
WITHOUT_A_SERVER: dict[str, str] = {
    "connection refused": "error",
    "name does not resolve": "refused",
    "connect timeout": "refused",
    "TLS certificate error": "refused",
}


def table() -> str:
    """All faults with what is promised for each, in Markdown."""
    rows = ["| fault | streaming | not streaming |", "|---|---|---|"]
    outcomes = WITHOUT_A_SERVER | {name: fault.outcome for name, fault in FAULTS.items()}
    for name, outcome in outcomes.items():
        rows.append(f"| {name.replace('<', '&lt;')} | {' | '.join(MEANINGS[outcome])} |")
    return "\n".join(rows)

"""A model server that does what it is told: real HTTP on loopback, and every misbehaviour.

It writes raw bytes, because a web framework would not let it cut, split and garble them. A play is
a function of a `Wire` and the request; plays are used up one by one, the last one stays.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

DONE = object()
TEXT = "The bridge of Esk opened in 1932 [1]. It was painted red in 1950 [2]. "
FIRST = "The bridge of Esk opened in 1932 [1]."


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes

    @property
    def prompt(self) -> str:
        return "\n".join(m["content"] for m in self.body.get("messages", []))


class Wire:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.sent_after_close = 0

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def status(
        self, code: int, body: object = "", kind: str = "application/json", **headers: str
    ) -> None:
        """A whole reply with a length."""
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {code} Said", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "Connection: close", "", ""]).encode() + data)

    def head(self, kind: str = "text/event-stream") -> None:
        """Begins a stream that ends when the connection does."""
        self.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())

    def event(self, value: object, end: str = "\n\n", lead: str = "data: ") -> None:
        text = "[DONE]" if value is DONE else value if isinstance(value, str) else json.dumps(value)
        self.send(f"{lead}{text}{end}".encode())

    def words(self, text: str) -> None:
        """Events with a word each."""
        for word in text.split(" "):
            self.event(chunk(content=word + " "))

    def stop(self, reason: str | None = "stop", usage: bool = True) -> None:
        self.event(chunk(finish=reason))
        if usage:
            self.event({"choices": [], "usage": USAGE})
        self.event(DONE)

    def reset(self) -> None:
        """Cuts the connection hard."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def gone(self, seconds: float) -> bool:
        """Whether the other side closes the connection within a time."""
        ready, _, _ = select.select([self.connection], [], [], seconds)
        try:
            return bool(ready) and not self.connection.recv(1)
        except OSError:
            return True


USAGE = {"prompt_tokens": 900, "completion_tokens": 20, "total_tokens": 920}


def chunk(
    finish: str | None = None, usage: dict[str, int] | None = None, **delta: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return made | ({"usage": usage} if usage else {})


def whole(
    text: str | None = TEXT, finish: str | None = "stop", usage: bool = True, **message: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "message": {"content": text, **message}, "finish_reason": finish}],
    }
    return made | ({"usage": USAGE} if usage else {})


Play = Callable[[Wire, Asked], None]


def answers(text: str = TEXT, *, delay: float = 0.0, finish: str | None = "stop") -> Play:
    """A good answer, streamed or whole as it was asked for."""

    def play(wire: Wire, asked: Asked) -> None:
        time.sleep(delay)
        if not asked.body.get("stream"):
            wire.status(200, whole(text, finish))
            return
        wire.head()
        wire.words(text)
        wire.stop(finish)

    return play


@dataclass
class Scripted:
    """A running server. ``asked`` holds the requests for an answer, ``listed`` those for models."""

    address: str
    plays: list[Play]
    models: list[str]
    asked: list[Asked] = field(default_factory=list)
    listed: list[Asked] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    down: bool = False

    def serve(self, connection: socket.socket) -> None:
        wire = Wire(connection)
        try:
            request = read_request(connection)
            if request is None:
                return
            if self.down:
                wire.reset()
            elif request.path.endswith("/models"):
                self.listed.append(request)
                wire.status(200, {"data": [{"id": name} for name in self.models]})
            else:
                self.asked.append(request)
                play = self.plays[min(len(self.asked), len(self.plays)) - 1]
                play(wire, request)
        except OSError:
            self.hung_up.set()
        finally:
            connection.close()


def read_request(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    method, path, _ = first.split(" ", 2)
    values = json.loads(body) if body else {}
    return Asked(method, path, headers, values, head + b"\r\n\r\n" + body)


@contextmanager
def scripted(*plays: Play, models: Sequence[str] = ("tiny",)) -> Iterator[Scripted]:
    """A server that plays these plays, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = Scripted(f"http://127.0.0.1:{port}/v1", list(plays or [answers()]), list(models))
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=server.serve, args=(connection,), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        # Wakes the thread that accepts; closing alone does not.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for thread in threads:
            thread.join(5)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def dies(words: str) -> Play:
    """Says so much and is gone, as a process that is killed."""

    def play(wire: Wire, asked: Asked) -> None:
        if words:
            wire.head()
            for word in words.split(" "):
                wire.event(chunk(content=word + " "))
            time.sleep(0.05)
        wire.reset()

    return play

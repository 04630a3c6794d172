"""Reading a reply of an OpenAI-compatible server, in pieces or whole, with all that is odd in it.

Complete means that the server gave the reason why it stopped, and the reason is that the model was
done. Everything else is an error here; whoever shows the answer keeps what came before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rag.errors import BadReply
from rag.generation.base import Call, Discard
from rag.generation.error_mapping import said
from rag.generation.json_fields import DONE, get
from rag.generation.providers import Preset
from rag.generation.reasoning_tags import Thinking
from rag.generation.redaction import quoted
from rag.types import Usage

# Characters of one answer. A reader's limit, far above any good answer of a few sentences.
LONGEST_ANSWER = 20_000
LONGEST_REASONING = 400_000


class Reply:
    """Collects one reply; ``read`` takes events and yields the visible text.

    Args:
        preset: Whose reply it is.
        call: Gets reasoning, usage and notes.
        key: To be masked in quotations of the server's words.
        alive: Called at each word, thought or said.
    """

    def __init__(
        self, preset: Preset, call: Call, key: str | None, alive: Callable[[], None]
    ) -> None:
        self._preset, self._call, self._key, self._alive = preset, call, key, alive
        self._thinking = Thinking(expected=preset.reasons)
        self._finish = ""
        self._refusal = ""
        self._said = 0
        self._empty = True
        self._thought = 0
        self._events = 0

    def read(self, events: Iterable[Any]) -> Iterator[str]:
        """The visible text of a stream of events.

        Raises:
            BadReply: It is empty, refused, or not complete.
        """
        for event in events:
            self._events += 1
            yield from self._event(event)
            if self._said > LONGEST_ANSWER or self._thought > LONGEST_REASONING:
                raise self._bad("it went on without end and was stopped.")
        yield from self._visible(self._thinking.finish())
        self._finished()

    def whole(self, body: str) -> Iterator[str]:
        """The visible text of a reply that came as one JSON object."""
        try:
            values = json.loads(body)
        except ValueError:
            raise self._unreadable(body) from None
        if not isinstance(values, dict):
            raise self._unreadable(body)
        if values.get("error"):
            raise self._bad(f"it sent an error: {quoted(said(values), self._key)}")
        if not values.get("choices"):
            raise self._bad(f"the reply holds no answer: {quoted(body[:500], self._key)}")
        yield from self.read([values])

    def _event(self, event: Any) -> Iterator[str]:
        if not isinstance(event, Mapping) and not hasattr(event, "choices"):
            raise self._bad(f"it sent something odd: {quoted(str(event), self._key)}")
        self._count(get(event, "usage"))
        self._named(get(event, "model"))
        choices = get(event, "choices") or []
        if not choices:
            return
        choice = choices[0]
        self._finish = get(choice, "finish_reason") or self._finish
        delta = get(choice, "delta") or get(choice, "message")
        if delta is None:
            return
        self._refusal += get(delta, "refusal") or ""
        thought = get(delta, "reasoning_content") or get(delta, "reasoning") or ""
        text = get(delta, "content") or ""
        if not isinstance(thought, str) or not isinstance(text, str):
            raise self._bad("it sent something else than text.")
        if thought:
            self._thought += len(thought)
            self._call.reasoning.append(thought)
        if thought or text:
            self._alive()
        # Cut here, so that one enormous event is no way around the limit.
        yield from self._visible(self._thinking.feed(text[: LONGEST_ANSWER + 1]))

    def _visible(self, pieces: Iterator[str]) -> Iterator[str]:
        for piece in pieces:
            self._said += len(piece)
            self._empty = isinstance(piece, Discard) or (self._empty and not piece.strip())
            yield piece

    def _finished(self) -> None:
        self._call.reasoning.extend(self._thinking.thoughts)
        if self._refusal:
            raise self._bad(f"the model refused: {quoted(self._refusal, self._key)}")
        if self._thinking.unclosed:
            raise self._bad("it ended while the model was still thinking aloud.")
        problem = {
            "length": "it stopped at the limit of its output.",
            "content_filter": "its content filter cut the answer off.",
            "tool_calls": "it wanted to call a tool, and none was offered.",
        }.get(self._finish)
        if problem:
            raise self._bad(problem)
        if not self._events:
            raise self._bad("nothing came back: the stream was empty.")
        if not self._finish:
            raise self._bad("the reply ended without saying that the answer is complete.")
        if self._finish not in DONE:
            raise self._bad(f"it stopped with the reason {quoted(self._finish, self._key)!r}.")
        if self._empty:
            raise self._bad("the answer is empty, though it says that it is complete.")

    def _count(self, usage: Any) -> None:
        read, written = get(usage, "prompt_tokens"), get(usage, "completion_tokens")
        if not isinstance(read, int) or not isinstance(written, int):
            return
        price = self._preset.price
        cost = (read * price[0] + written * price[1]) / 1_000_000 if price else None
        self._call.usage = Usage(read, written, cost)

    def _named(self, model: Any) -> None:
        wanted = self._preset.model
        if isinstance(model, str) and wanted and model and model != wanted:
            # Hosts add a date to the name, or a path before it.
            if wanted.lower() in model.lower() or model.lower() in wanted.lower():
                return
            told = quoted(model, self._key)
            self._call.note(f"{self._preset.name} was asked for {wanted} and answered as {told}.")

    def _unreadable(self, body: str) -> BadReply:
        if not body.strip():
            return self._bad("the reply is empty.")
        if re.match(r"\s*<", body):
            title = re.search(r"<title[^>]*>([^<]*)", body, re.IGNORECASE)
            called = f" called “{quoted(title[1], self._key)}”" if title else ""
            return self._bad(f"it sent a web page{called} in place of an answer. Check base_url.")
        return self._bad(f"what came back is not JSON: {quoted(body[:500], self._key)}")

    def _bad(self, reason: str) -> BadReply:
        return BadReply(self._preset.name, reason)

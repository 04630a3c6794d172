"""Parses the responses of OpenAI-compatible servers, streamed or in one piece.

A response is complete if the server says why it stopped, and the reason is that the model was done.
Anything else raises an error; whoever shows the answer keeps what came before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rag.errors import BadReply
from rag.generation.base import CallContext
from rag.generation.error_mapping import error_message
from rag.generation.output_cleaning import COMPLETE_REASONS, ReasoningFilter, field_of
from rag.generation.providers import Provider, model_name
from rag.generation.redaction import excerpt
from rag.policy import LOCAL
from rag.types import Usage

# Characters, far above any good answer of a few sentences.
MAX_ANSWER = 20_000
MAX_REASONING = 400_000

# What other finish reasons mean.
PROBLEMS = {
    "length": "the answer reached the output limit.",
    "max_tokens": "the answer reached the output limit.",
    "model_length": "the answer reached the output limit.",
    "content_filter": "the server's content filter stopped the answer.",
    "tool_calls": "the model wanted to call a tool, and none was offered.",
}


class ResponseParser:
    """Parses one response: yields the text of the answer, and reports the rest to the context.

    Args:
        provider: Whose response it is.
        context: Gets reasoning, usage and notes.
        key: Redacted in quotations of the server's words.
        on_token: Called for each token, of the answer or of the reasoning.
    """

    def __init__(
        self,
        provider: Provider,
        context: CallContext,
        key: str | None,
        on_token: Callable[[], None],
    ) -> None:
        self._provider, self._context, self._key = provider, context, key
        self._on_token = on_token
        self._filter = ReasoningFilter(expected=provider.reasons)
        self._finish_reason = ""
        self._refusal = ""
        self._answer_length = 0
        self._reasoning_length = 0
        self._has_events = False

    def parse_stream(self, events: Iterable[Any]) -> Iterator[str]:
        """The answer's text from a stream of events.

        Raises:
            BadReply: It is empty, refused, or not complete.
        """
        for event in events:
            self._has_events = True
            yield from self._parse_event(event)
            too_long = self._answer_length > MAX_ANSWER or self._reasoning_length > MAX_REASONING
            if too_long:
                raise self._bad("the answer went on without end and was stopped.")
        yield from self._count(self._filter.finish())
        self._check_complete()

    def parse_body(self, body: str) -> Iterator[str]:
        """The answer's text from a response of one JSON object; raises what `parse_stream` does."""
        try:
            values = json.loads(body)
        except ValueError:
            raise self._not_json(body) from None
        if not isinstance(values, dict):
            raise self._not_json(body)
        if values.get("error"):
            raise self._bad(f"the server sent an error: {self._excerpt(error_message(values))}")
        if not values.get("choices"):
            raise self._bad(f"the reply holds no answer: {self._excerpt(body[:500])}")
        yield from self.parse_stream([values])

    def _parse_event(self, event: Any) -> Iterator[str]:
        if not isinstance(event, Mapping) and not hasattr(event, "choices"):
            raise self._bad(f"the server sent an unknown event: {self._excerpt(str(event))}")
        self._record_usage(field_of(event, "usage"))
        self._compare_model(field_of(event, "model"))
        choices = field_of(event, "choices") or []
        if not choices:
            return
        reason = str(field_of(choices[0], "finish_reason") or "").lower()
        self._finish_reason = reason or self._finish_reason
        delta = field_of(choices[0], "delta") or field_of(choices[0], "message")
        if delta is None:
            return
        self._refusal += field_of(delta, "refusal") or ""
        reasoning = field_of(delta, "reasoning_content") or field_of(delta, "reasoning") or ""
        text = field_of(delta, "content") or ""
        if isinstance(reasoning, Mapping):
            reasoning = field_of(reasoning, "text") or ""
        if isinstance(text, list):
            reasoning, text = _of_parts(text, "thinking"), _of_parts(text, "text")
        if not isinstance(reasoning, str) or not isinstance(text, str):
            raise self._bad("the server sent something other than text.")
        if reasoning:
            self._reasoning_length += len(reasoning)
            self._context.reasoning.append(reasoning)
        if reasoning or text:
            self._on_token()
        # Cut here, so that a single huge event does not get around the limit.
        yield from self._count(self._filter.feed(text[: MAX_ANSWER + 1]))

    def _count(self, pieces: Iterator[str]) -> Iterator[str]:
        for piece in pieces:
            self._answer_length += len(piece)
            yield piece

    def _check_complete(self) -> None:
        reason = self._finish_reason
        self._context.reasoning.extend(self._filter.reasoning)
        if self._refusal:
            raise self._bad(f"the model refused: {self._excerpt(self._refusal)}")
        if self._filter.unclosed:
            raise self._bad("the reply ended while the model was still reasoning.")
        if problem := PROBLEMS.get(reason):
            raise self._bad(problem)
        if not self._has_events:
            raise self._bad("the reply is empty: no event came.")
        if not reason:
            raise self._bad("the reply ended before the server said that it was complete.")
        if reason not in COMPLETE_REASONS:
            raise self._bad(f"the server stopped with the reason {self._excerpt(reason)!r}.")
        if self._filter.is_blank:
            raise self._bad("the answer is empty.")

    def _record_usage(self, usage: Any) -> None:
        read, written = field_of(usage, "prompt_tokens"), field_of(usage, "completion_tokens")
        if not isinstance(read, int) or not isinstance(written, int):
            return
        price = self._provider.price
        cost = (read * price[0] + written * price[1]) / 1_000_000 if price else None
        self._context.usage = Usage(read, written, cost)

    def _compare_model(self, model: Any) -> None:
        """Notes a model other than the requested one; hosts add a date or a path to the name."""
        wanted = self._provider.model
        if not isinstance(model, str) or not model or not wanted:
            return
        if self._provider.location == LOCAL and model_name(model) != model:
            # A server that has loaded one file answers to any name, with the file's path.
            return
        if wanted.lower() not in model.lower() and model.lower() not in wanted.lower():
            name = self._provider.name
            self._context.note(
                f"{name} was asked for {wanted} and answered as {self._excerpt(model)}."
            )

    def _not_json(self, body: str) -> BadReply:
        if not body.strip():
            return self._bad("the reply is empty.")
        if re.match(r"\s*<", body):
            title = re.search(r"<title[^>]*>([^<]*)", body, re.IGNORECASE)
            called = f" (“{self._excerpt(title[1])}”)" if title else ""
            return self._bad(f"the server sent a web page{called}, not an answer. Check base_url.")
        return self._bad(f"the reply is not JSON: {self._excerpt(body[:500])}")

    def _excerpt(self, text: str) -> str:
        return excerpt(text, self._key)

    def _bad(self, reason: str) -> BadReply:
        return BadReply(self._provider.name, reason)


def _of_parts(parts: list[Any], kind: str) -> str:
    """The text of those parts of a message that are of one kind; parts may hold parts."""
    pieces: list[str] = []
    for part in parts:
        held = field_of(part, kind) if field_of(part, "type") == kind else None
        pieces.append(_of_parts(held, "text") if isinstance(held, list) else str(held or ""))
    return "".join(pieces)

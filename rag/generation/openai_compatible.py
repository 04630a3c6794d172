"""One client for every server that speaks OpenAI's chat interface, hosted or local.

It uses the ``openai`` package directly. LlamaIndex's ``OpenAILike`` sits on the same package, but
hides what must be seen here: the content type of a reply (a login page comes out as an empty
answer), the finish reason of a stream that was cut, and the retries, of which it has a loop of its
own. Whoever prefers it passes an ``OpenAILike`` object as the backend: `rag.generation.llamaindex`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx
import openai

from rag.errors import ContextTooLong, FootnoteError, KeyMissing, RequestRefused
from rag.generation import prompts
from rag.generation.base import Call, fresh_fence, whole
from rag.generation.error_mapping import ModelUnknown, translate
from rag.generation.json_unwrap import unwrapped
from rag.generation.providers import Preset
from rag.generation.redaction import key_of, masked, veiled
from rag.generation.response_parser import Reply
from rag.generation.retries import Retries
from rag.generation.transport import Deadlines, guarded_client
from rag.policy.rules import UNKNOWN, Destination
from rag.types import BackendInfo, Evidence

FOREIGN = (openai.OpenAIError, httpx.HTTPError, httpx.StreamError, ValueError, TypeError)
# Seconds that a probe may take in all.
PROBE_TIME = 3.0
# A server that counts fewer tokens than one for so many characters has not read the whole prompt.
FEWEST_TOKENS = 8
# Sent where no key is needed: the client insists on one.
NO_KEY = "none"


class Compatible:
    """A backend behind an OpenAI-compatible address.

    Args:
        preset: Address, model, times and peculiarities.
        sleep: Waits between repeated requests; by default ends early on cancellation.
        clock: Seconds for the deadlines.
    """

    def __init__(
        self,
        preset: Preset,
        *,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.preset = preset
        self._sleep, self._clock = sleep, clock

    @property
    def info(self) -> BackendInfo:
        return BackendInfo(self.preset.name, self.preset.model, self.preset.location)

    @property
    def destination(self) -> Destination:
        return self.preset.destination

    def draft(
        self, question: str, evidence: Sequence[Evidence], call: Call | None = None
    ) -> Generator[str, None, None]:
        """See `Backend.draft`. Closing the iterator closes the connection."""
        call = call or Call()
        deadlines = self._deadlines(call)
        key = self._key()
        self._choose_model(call, key)
        fence = fresh_fence()
        room = self.preset.context - self.preset.output
        retries = Retries(self.preset, deadlines, random.random, alone=call.alone)
        optional = True
        usable = tuple(evidence)
        while True:
            chosen = prompts.fit(question, usable, room)
            self._tell_left_out(len(evidence) - len(chosen), call)
            if evidence and not chosen:
                raise ContextTooLong(
                    self.preset.name, f"not one passage fits into {self.preset.context} tokens."
                )
            messages = prompts.messages(question, chosen, fence)
            articles = [item.source.id for item in chosen]
            shown = False
            try:
                asked = self._ask(messages, articles, call, key, deadlines, optional)
                with closing(asked):
                    for piece in unwrapped(veiled(asked, key)):
                        shown = shown or bool(piece.strip())
                        yield piece
                self._compare_counts(messages, call)
                return
            except (FootnoteError, *FOREIGN) as error:
                fault = translate(error, self.preset, key, deadlines)
            call.cancellation.check()
            # Raised outside of the handler, so that no foreign error, which holds the request and
            # its headers, hangs on ours.
            if shown:
                raise fault
            call.reasoning.clear()
            usable, optional = self._next(fault, retries, call, question, chosen, room, optional)
            call.cancellation.check()
            del fault

    def _deadlines(self, call: Call) -> Deadlines:
        connect, first, idle, total = self.preset.times
        times = (connect, first if self.preset.stream else total, idle, total)
        return Deadlines(*times, clock=self._clock, cancellation=call.cancellation)

    def _next(
        self,
        fault: FootnoteError,
        retries: Retries,
        call: Call,
        question: str,
        chosen: tuple[Evidence, ...],
        room: int,
        optional: bool,
    ) -> tuple[tuple[Evidence, ...], bool]:
        """Evidence for the next request and whether it has optional fields, after its wait.

        Raises:
            FootnoteError: The fault, when there is no next request.
        """
        if isinstance(fault, ContextTooLong) and not retries.refitted and len(chosen) > 1:
            retries.refitted = True
            less = smaller(room, fault, question, chosen)
            return prompts.fit(question, chosen[:-1], less) or chosen[:1], optional
        if isinstance(fault, RequestRefused) and fault.optional and optional:
            return chosen, False
        if isinstance(fault, ModelUnknown):
            raise self._nearest(fault, call)
        sleep = self._sleep or call.cancellation.wait
        sleep(retries.wait(fault))
        return chosen, optional

    def _nearest(self, fault: ModelUnknown, call: Call) -> FootnoteError:
        try:
            offered = self.probe(call.without_text())
        except FootnoteError:
            return fault
        return fault.naming(self.preset.model or "", offered) if offered else fault

    def complete(
        self, messages: list[dict[str, str]], call: Call, articles: Sequence[str] = ()
    ) -> str:
        """See `rag.generation.base.Completes`. One request, not repeated."""
        deadlines = self._deadlines(call)
        key = self._key()
        self._choose_model(call, key)
        try:
            with closing(self._ask(messages, articles, call, key, deadlines, True)) as asked:
                return whole(veiled(asked, key))
        except (FootnoteError, *FOREIGN) as error:
            fault = translate(error, self.preset, key, deadlines)
        call.cancellation.check()
        raise fault

    def probe(self, call: Call) -> tuple[str, ...]:
        """See `Backend.probe`."""
        connect, *_ = self.preset.times
        times = (min(connect, PROBE_TIME), PROBE_TIME, PROBE_TIME, PROBE_TIME)
        deadlines = Deadlines(*times, clock=self._clock, cancellation=call.cancellation)
        key = self._key()
        try:
            with guarded_client(deadlines, self._gate(call)) as http:
                client = self._client(http, key)
                page = client.models.with_raw_response.list()
                rows = page.http_response.json()
            found = rows.get("data") if isinstance(rows, dict) else rows
            names = [str(row.get("id")) for row in found or [] if isinstance(row, dict)]
            return tuple(name for name in names if name != "None")
        except (FootnoteError, *FOREIGN) as error:
            fault = translate(error, self.preset, key, deadlines)
        call.cancellation.check()
        if isinstance(fault, RequestRefused) and "(404)" in str(fault):
            # It answers, and has no list of models.
            return ()
        raise fault

    def _ask(
        self,
        messages: list[dict[str, str]],
        articles: Sequence[str],
        call: Call,
        key: str | None,
        deadlines: Deadlines,
        optional: bool,
    ) -> Generator[str, None, None]:
        """The visible text of one request; foreign errors come out as they are."""
        gate = self._gate(call, prompts.characters(messages), articles)
        with guarded_client(deadlines, gate) as http:
            completions = self._client(http, key).chat.completions.with_raw_response
            raw = completions.create(**self._request(messages, optional))
            response = raw.http_response
            reply = Reply(self.preset, call, key, lambda: deadlines.enter("next word"))
            kind = response.headers.get("content-type", "").lower()
            try:
                if self.preset.stream and "json" not in kind and "html" not in kind:
                    events: Any = raw.parse()
                    yield from reply.read(events)
                else:
                    yield from reply.whole(response.read().decode("utf-8", "replace"))
            finally:
                response.close()
                call.reasoning[:] = [masked("".join(call.reasoning), key)]

    def _request(self, messages: list[dict[str, str]], optional: bool) -> dict[str, Any]:
        preset = self.preset
        request: dict[str, Any] = {
            "model": preset.model or "default",
            "messages": messages,
            "stream": preset.stream,
        }
        if optional:
            request[preset.output_field] = preset.output
            if preset.temperature:
                request["temperature"] = 0.0
            if preset.stream and preset.usage_in_stream:
                request["stream_options"] = {"include_usage": True}
        return request

    def _client(self, http: httpx.Client, key: str | None) -> openai.OpenAI:
        old_azure = self.preset.api_version is not None
        return openai.OpenAI(
            api_key=key or NO_KEY,
            base_url=self.preset.base_url,
            http_client=http,
            max_retries=0,
            default_headers={"api-key": key or NO_KEY} if old_azure else None,
            default_query={"api-version": self.preset.api_version} if old_azure else None,
        )

    def _gate(
        self, call: Call, characters: int = 0, articles: Sequence[str] = ()
    ) -> Callable[[httpx.URL], None]:
        """What the network asks before each request. Another host than the preset's is unknown."""

        def permit(url: httpx.URL) -> None:
            known = url.host == self.preset.host
            location = self.preset.location if known else UNKNOWN
            destination = Destination(self.preset.name, url.host, location)
            model = self.preset.model
            call.permit(destination, model=model, characters=characters, articles=articles)

        return permit

    def _key(self) -> str | None:
        variable = self.preset.api_key_env
        if not variable:
            return None
        key = key_of(variable)
        if key is None:
            raise KeyMissing(self.preset.name, variable)
        return key

    def _choose_model(self, call: Call, key: str | None) -> None:
        """Takes the first model that the server offers where none was named."""
        if self.preset.model is None:
            offered = self.probe(call.without_text())
            self.preset = replace(self.preset, model=offered[0] if offered else "default")

    def _tell_left_out(self, count: int, call: Call) -> None:
        if count:
            passages = "passage was" if count == 1 else "passages were"
            call.note(
                f"{count} {passages} not given to {self.preset.name}: its context of "
                f"{self.preset.context:,} tokens is full."
            )

    def _compare_counts(self, messages: list[dict[str, str]], call: Call) -> None:
        """Notices a server that silently cut the prompt to what it could take."""
        sent = prompts.characters(messages)
        if call.usage and call.usage.prompt_tokens * FEWEST_TOKENS < sent:
            call.note(
                f"{self.preset.name} read only {call.usage.prompt_tokens} tokens of a prompt of "
                f"{sent:,} characters, so it cut the articles. Give it a larger context, or set "
                f"context in [backends.{self.preset.name}] to what it has."
            )


def smaller(room: int, fault: ContextTooLong, question: str, chosen: Sequence[Evidence]) -> int:
    """Tokens for the next prompt, by the server's own figures if it gave any, else half."""
    size = sum(
        prompts.estimated_tokens(m["content"]) for m in prompts.messages(question, chosen, "")
    )
    if fault.limit and fault.asked:
        return int(size * 0.8 * fault.limit / fault.asked)
    if fault.limit:
        return min(room, fault.limit) // 2
    return min(room, size) // 2

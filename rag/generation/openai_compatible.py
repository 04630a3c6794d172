"""One client for every server that speaks OpenAI's chat interface, hosted or local.

It uses the ``openai`` package directly. LlamaIndex's ``OpenAILike`` is built on the same package,
but hides what is needed here: the content type of a reply (a login page comes out as an empty
answer), the finish reason of a stream that was cut off, and the retries, which it makes in a loop
of its own. An ``OpenAILike`` object can still be a backend: `rag.generation.llamaindex`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import httpx
import openai

# Loaded now, or the clock of a probe would run while they load.
import openai.resources.chat
import openai.resources.models

from rag.errors import BackendError, ContextTooLong, FootnoteError, KeyMissing, RequestRefused
from rag.generation import prompts
from rag.generation.base import CallContext, join_text
from rag.generation.error_mapping import CLIENT_ERRORS, ModelUnknown, map_error
from rag.generation.output_cleaning import unwrap_stream
from rag.generation.providers import Offer, Provider, adapted, model_name, offer_of
from rag.generation.redaction import find_api_key, redact, redact_stream
from rag.generation.resilience import RetryPolicy
from rag.generation.server_responses import ResponseParser
from rag.network import Deadlines, make_client
from rag.policy import LOCAL, UNKNOWN, Destination
from rag.query import Query
from rag.types import BackendInfo, Evidence

# Seconds for a whole probe.
PROBE_TIMEOUT = 3.0
# A server that counts less than one token for this many characters has not read all of a prompt.
MAX_CHARACTERS_PER_TOKEN = 8
# Sent where no key is needed, because the client insists on one.
NO_KEY = "none"
# Small models on this machine fall into loops; this is llama.cpp's own figure for it.
REPEAT_PENALTY = 1.1


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What one request sends.

    Attributes:
        messages: Each with ``role`` and ``content``.
        articles: Ids of the articles whose text they hold.
        optional_fields: Whether fields that some servers reject are included.
        stop: The reply ends before one of these.
        output: Most tokens of the reply; by default those of an answer.
    """

    messages: list[dict[str, str]]
    articles: tuple[str, ...] = ()
    optional_fields: bool = True
    stop: tuple[str, ...] = ()
    output: int | None = None

    @property
    def characters(self) -> int:
        return prompts.count_characters(self.messages)


class OpenAICompatible:
    """A backend at an OpenAI-compatible address.

    Args:
        provider: Address, model, time limits and peculiarities.
        sleep: Waits between retries; by default ends early on cancellation.
        clock: Returns the current time in seconds, for the deadlines.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider = provider
        self._sleep, self._clock = sleep, clock

    @property
    def info(self) -> BackendInfo:
        model = model_name(self.provider.model) if self.provider.model else None
        return BackendInfo(self.provider.name, model, self.provider.location)

    @property
    def destination(self) -> Destination:
        return self.provider.destination

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Generator[str, None, None]:
        """See `rag.generation.base.Backend.draft`. Closing the iterator closes the connection."""
        context = context or CallContext()
        session = self._session(context)
        prompt = self._first_prompt(query.asked or query.text, evidence)
        retries = RetryPolicy(self.provider, session.deadlines, is_last=context.is_last)
        if not prompt.brief:
            self._note_omitted(len(evidence) - len(prompt.evidence), context)
        while True:
            request = prompt.request()
            shown = False
            try:
                with closing(session.reply(request)) as reply:
                    for piece in unwrap_stream(redact_stream(reply, session.key)):
                        shown = shown or bool(piece.strip())
                        yield piece
                self._note_truncation(request, context)
                return
            except (FootnoteError, *CLIENT_ERRORS) as error:
                fault = session.map_error(error)
            context.cancellation.check()
            # Raised outside the handler: the client's error holds the request with its headers,
            # and must not become the context of ours.
            if shown:
                raise fault
            context.reasoning.clear()
            prompt = self._next_prompt(prompt, fault, retries, context)
            context.cancellation.check()
            del fault

    def complete(
        self,
        messages: list[dict[str, str]],
        context: CallContext,
        articles: Sequence[str] = (),
        output: int | None = None,
    ) -> str:
        """See `rag.generation.base.LanguageModelBackend.complete`. Sent once, without retries."""
        session = self._session(context)
        try:
            with closing(
                session.reply(ChatRequest(messages, tuple(articles), output=output))
            ) as reply:
                return join_text(redact_stream(reply, session.key))
        except (FootnoteError, *CLIENT_ERRORS) as error:
            fault = session.map_error(error)
        context.cancellation.check()
        raise fault

    def capacity(self, context: CallContext) -> int:
        """See `rag.generation.base.Backend.capacity`. A server on this machine is asked first."""
        provider = self.provider
        if provider.location == LOCAL and not provider.knows_context:
            # A server that is not there is reported when it is asked for the draft.
            with contextlib.suppress(BackendError):
                self.provider = adapted(provider, self._offers(context.for_probe()))
        return prompts.passages_for(self.provider.room, brief=self.provider.is_small)

    def probe(self, context: CallContext) -> tuple[str, ...]:
        """See `rag.generation.base.Backend.probe`."""
        return tuple(offer.name for offer in self._offers(context))

    def _offers(self, context: CallContext) -> tuple[Offer, ...]:
        limit = PROBE_TIMEOUT
        connect = min(self.provider.times[0], limit)
        deadlines = self._deadlines(context, (connect, limit, limit, limit))
        session = _Session(self.provider, context, self._key(), deadlines)
        try:
            return session.offers()
        except (FootnoteError, *CLIENT_ERRORS) as error:
            fault = session.map_error(error)
        context.cancellation.check()
        if isinstance(fault, RequestRefused) and "(404)" in str(fault):
            # It answers, but has no list of models.
            return ()
        raise fault

    def _session(self, context: CallContext) -> _Session:
        """A session with the provider, whose model is chosen first if none is named."""
        connect, first_token, next_token, total = self.provider.times
        # A reply in one piece has no first token before its end.
        first_token = first_token if self.provider.stream else total
        deadlines = self._deadlines(context, (connect, first_token, next_token, total))
        key = self._key()
        if self.provider.model is None:
            offered = self.probe(context.for_probe())
            self.provider = replace(self.provider, model=offered[0] if offered else "default")
        return _Session(self.provider, context, key, deadlines)

    def _deadlines(
        self, context: CallContext, times: tuple[float, float, float, float]
    ) -> Deadlines:
        return Deadlines(*times, clock=self._clock, cancellation=context.cancellation)

    def _key(self) -> str | None:
        variable = self.provider.api_key_env
        if not variable:
            return None
        key = find_api_key(variable)
        if key is None:
            raise KeyMissing(self.provider.name, variable)
        return key

    def _first_prompt(self, question: str, evidence: Sequence[Evidence]) -> _Prompt:
        provider = self.provider
        brief = provider.is_small
        fitting = prompts.fit_evidence(question, evidence, provider.room, brief=brief)
        if evidence and not fitting:
            reason = f"not one passage fits into {provider.context} tokens."
            raise ContextTooLong(provider.name, reason)
        return _Prompt(question, fitting, brief)

    def _next_prompt(
        self, prompt: _Prompt, fault: FootnoteError, retries: RetryPolicy, context: CallContext
    ) -> _Prompt:
        """What to send after a fault, once it may be sent.

        Raises:
            FootnoteError: The fault, if nothing more is to be sent.
        """
        can_shorten = not prompt.is_shortened and len(prompt.evidence) > 1
        if isinstance(fault, ContextTooLong) and can_shorten:
            shorter = prompt.shortened(fault, self.provider.room)
            self.provider = replace(self.provider, context=fault.limit or self.provider.context)
            self._note_omitted(len(prompt.evidence) - len(shorter.evidence), context)
            return shorter
        if isinstance(fault, RequestRefused) and fault.optional and prompt.optional_fields:
            return replace(prompt, optional_fields=False)
        if isinstance(fault, ModelUnknown):
            raise self._with_offer(fault, context)
        sleep = self._sleep or context.cancellation.wait
        sleep(retries.delay(fault))
        return prompt

    def _with_offer(self, fault: ModelUnknown, context: CallContext) -> FootnoteError:
        """The fault with the models that the server has, if it lists them."""
        try:
            offered = self.probe(context.for_probe())
        except FootnoteError:
            return fault
        return fault.with_offer(self.provider.model or "", offered) if offered else fault

    def _note_omitted(self, count: int, context: CallContext) -> None:
        if count:
            provider = self.provider
            context.note(prompts.omission_note(count, provider.name, provider.context))

    def _note_truncation(self, request: ChatRequest, context: CallContext) -> None:
        """Notices a server that silently cut the prompt down to its own context."""
        if context.usage is None:
            return
        name, read = self.provider.name, context.usage.prompt_tokens
        if read * MAX_CHARACTERS_PER_TOKEN < request.characters:
            context.note(
                f"{name} read only {read} tokens of a prompt of {request.characters:,} characters, "
                "so it cut the articles. Give it a larger context, or set context in "
                f"[backends.{name}] to what it has."
            )


@dataclass(frozen=True, slots=True)
class _Prompt:
    """What is asked with which evidence, and how the request was reduced so far."""

    question: str
    evidence: tuple[Evidence, ...]
    brief: bool = False
    optional_fields: bool = True
    is_shortened: bool = False

    def request(self) -> ChatRequest:
        messages = prompts.draft_messages(self.question, self.evidence, brief=self.brief)
        articles = tuple(item.source.id for item in self.evidence)
        stop = (prompts.fence_of(self.question, self.evidence),)
        return ChatRequest(messages, articles, self.optional_fields, stop)

    def shortened(self, fault: ContextTooLong, room: int) -> _Prompt:
        """At least one passage less, by the server's own figures if it gave any, else by half.

        Args:
            fault: With the server's figures.
            room: Tokens that the prompt was allowed to have.
        """
        size = prompts.prompt_size(self.question, self.evidence, brief=self.brief)
        if fault.limit and fault.asked:
            room = int(size * 0.8 * fault.limit / fault.asked)
        else:
            room = min(room, fault.limit or size) // 2
        fewer = prompts.fit_evidence(self.question, self.evidence[:-1], room, brief=self.brief)
        return replace(self, evidence=fewer or self.evidence[:1], is_shortened=True)


class _Session:
    """The requests of one call. The client's errors come out as they are; see `map_error`."""

    def __init__(
        self, provider: Provider, context: CallContext, key: str | None, deadlines: Deadlines
    ) -> None:
        self._provider, self._context = provider, context
        self.key, self.deadlines = key, deadlines

    def reply(self, request: ChatRequest) -> Generator[str, None, None]:
        """The visible text of the reply to one request."""
        context, deadlines = self._context, self.deadlines
        authorize = self._authorizer(request.characters, request.articles)
        with make_client(deadlines, authorize) as http:
            completions = self._client(http).chat.completions.with_raw_response
            raw = completions.create(**self._fields(request))
            response = raw.http_response
            parser = ResponseParser(
                self._provider, context, self.key, lambda: deadlines.enter("next token")
            )
            kind = response.headers.get("content-type", "").lower()
            try:
                if self._provider.stream and "json" not in kind and "html" not in kind:
                    events: Any = raw.parse()
                    yield from parser.parse_stream(events)
                else:
                    body = response.read().decode("utf-8", "replace")
                    yield from parser.parse_body(body)
            finally:
                response.close()
                context.reasoning[:] = [redact("".join(context.reasoning), self.key)]

    def offers(self) -> tuple[Offer, ...]:
        """The models that the server lists."""
        with make_client(self.deadlines, self._authorizer()) as http:
            page = self._client(http).models.with_raw_response.list()
            rows = page.http_response.json()
        found = rows.get("data") if isinstance(rows, dict) else rows
        return tuple(offer for row in found or () if (offer := offer_of(row)))

    def map_error(self, error: Exception) -> FootnoteError:
        return map_error(error, self._provider, self.key, self.deadlines)

    def _fields(self, request: ChatRequest) -> dict[str, Any]:
        provider = self._provider
        fields: dict[str, Any] = {
            "model": provider.model or "default",
            "messages": request.messages,
            "stream": provider.stream,
        }
        if request.optional_fields:
            longest = max(provider.output, provider.context // 2)
            fields[provider.output_field] = min(longest, request.output or provider.output)
            if provider.temperature:
                # A model that rejects a temperature rejects other sampling settings too.
                fields["temperature"] = 0.0
                fields |= {"stop": list(request.stop)} if request.stop else {}
            if provider.penalty_field:
                fields["extra_body"] = {provider.penalty_field: REPEAT_PENALTY}
            if provider.stream and provider.usage_in_stream:
                fields["stream_options"] = {"include_usage": True}
        return fields

    def _client(self, http: httpx.Client) -> openai.OpenAI:
        key, version = self.key or NO_KEY, self._provider.api_version
        return openai.OpenAI(
            api_key=key,
            base_url=self._provider.base_url,
            http_client=http,
            max_retries=0,
            # Only older addresses of Azure have a version, and want the key in this header.
            default_headers={"api-key": key} if version is not None else None,
            default_query={"api-version": version} if version is not None else None,
        )

    def _authorizer(
        self, characters: int = 0, articles: Sequence[str] = ()
    ) -> Callable[[httpx.URL], None]:
        """What the transport asks before each request.

        A host other than the provider's has an unknown location.
        """
        provider, context = self._provider, self._context

        def authorize(url: httpx.URL) -> None:
            location = provider.location if url.host == provider.host else UNKNOWN
            context.authorize(
                Destination(provider.name, url.host, location),
                model=provider.model,
                characters=characters,
                articles=articles,
            )

        return authorize

"""Maps the errors of the client and of servers to `rag.errors.BackendError` and its subclasses.

A server's own words are quoted, shortened and redacted. The original errors are not chained: they
hold the request with its headers, and so the key.
"""

from __future__ import annotations

import email.utils
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import openai

from rag.errors import (
    BackendError,
    BadReply,
    ContextTooLong,
    FootnoteError,
    RateLimited,
    RequestRefused,
    ServerFailed,
    TimedOut,
    Unreachable,
    nearest,
)
from rag.generation.providers import Provider
from rag.generation.redaction import excerpt
from rag.network import Deadlines
from rag.policy import LOCAL

# What `map_error` takes besides our own errors.
CLIENT_ERRORS = (openai.OpenAIError, httpx.HTTPError, httpx.StreamError, ValueError, TypeError)

CONTEXT_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|size|window)|exceed_context|maximum context|too many tokens"
    r"|(?:prompt|input) (?:is )?too long|too large for model|max_new_tokens|input token count",
    re.IGNORECASE,
)
# Each server words it in its own way: the tokens that fit, and those that were sent.
CONTEXT_LIMIT = re.compile(
    r"(?:maximum context length is|n_ctx\W+|context size \(|context length of(?: only)?|must be <="
    r"|tokens allowed \(|too large for model with|: Limit)\s*(\d+)",
    re.IGNORECASE,
)
CONTEXT_ASKED = re.compile(
    r"(?:you requested|Given:|input token count \(|request has|Prompt contains|keep the first"
    r"|Requested)\s*(\d+)",
    re.IGNORECASE,
)
OPTIONAL_FIELD = re.compile(
    r"temperature|max_completion_tokens|max_tokens|stream_options|stop|unsupported parameter"
    r"|extra (?:inputs|fields)|unknown field|unrecognized|not permitted",
    re.IGNORECASE,
)
NO_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)
UNKNOWN_MODEL = re.compile(
    r"model.{0,120}(?:not (?:found|exist|available)|does(?:n't| not) exist|unknown)"
    r"|(?:unknown|no such|not a valid) model",
    re.IGNORECASE,
)
# Models that a message lists where one is unknown.
MODELS_LISTED = 5


class ModelUnknown(RequestRefused):
    """The server does not have the model."""

    def with_offer(self, model: str, offered: Sequence[str]) -> ModelUnknown:
        """The same error with the server's models, and the one whose name is most similar."""
        more = ", …" if len(offered) > MODELS_LISTED else ""
        similar = nearest(model, offered) or "."
        offer = f"It offers {', '.join(offered[:MODELS_LISTED])}{more}{similar}"
        return ModelUnknown(self.backend, f"{self.reason.rstrip('.')}. {offer}")


def map_error(
    error: Exception, provider: Provider, key: str | None, deadlines: Deadlines
) -> FootnoteError:
    """Our error for one of the client's; our own are returned, wherever in the chain they are."""
    links = tuple(chain(error))
    for link in links:
        if isinstance(link, FootnoteError):
            return link
    if isinstance(error, openai.APIStatusError):
        return from_status(error, provider, key)
    timeouts = (httpx.TimeoutException, openai.APITimeoutError)
    if any(isinstance(link, timeouts) for link in links):
        return from_timeout(provider, deadlines)
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return from_connection(links, provider)
    if isinstance(error, openai.APIError):
        message = excerpt(error_message(error.body) or str(error), key)
        if CONTEXT_TOO_LONG.search(message):
            return from_context_limit(provider.name, error.body, message)
        return BadReply(provider.name, f"the reply ended with an error: {message}")
    return BadReply(provider.name, f"the reply cannot be read ({excerpt(str(error), key)}).")


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def from_timeout(provider: Provider, deadlines: Deadlines) -> TimedOut:
    """The error for a deadline that has passed, with the limit in seconds."""
    phase = deadlines.expired_phase
    if phase == "connect":
        reason = f"no connection to {provider.host} within {deadlines.connect:g} s."
    elif phase == "first token":
        seconds = min(deadlines.first_token, deadlines.total)
        reason = f"no first token within {seconds:g} s; the model may still be loading."
    elif phase == "next token":
        reason = f"no further token for {deadlines.next_token:g} s."
    else:
        reason = f"the answer took longer than {deadlines.total:g} s in total."
    return TimedOut(provider.name, reason, phase=phase)


def from_connection(links: Sequence[BaseException], provider: Provider) -> Unreachable:
    """The error for a connection that failed: certificate, name, refused, or lost."""
    name, host = provider.name, provider.host
    for link in links:
        if isinstance(link, ssl.SSLError):
            reason = f"the TLS certificate of {host} is not trusted ({str(link)[:120]})."
            return Unreachable(name, f"{reason} Nothing was sent.")
        if isinstance(link, socket.gaierror):
            reason = f"the host name {host!r} cannot be resolved. Check base_url and the network."
            return Unreachable(name, reason)
        if isinstance(link, ConnectionRefusedError):
            command = provider.start.format(model=provider.model or "MODEL")
            hint = f" {command}." if command else ""
            reason = f"nothing is listening at {provider.base_url}.{hint}"
            if provider.location == LOCAL:
                reason += " If it listens elsewhere: --backend http://HOST:PORT/v1"
            return Unreachable(name, reason, retryable=True)
    return Unreachable(name, f"the connection to {host} was lost.", retryable=True)


def from_status(error: openai.APIStatusError, provider: Provider, key: str | None) -> BackendError:
    """The error for an HTTP status."""
    status, headers, name = error.status_code, error.response.headers, provider.name
    message = excerpt(error_message(error.body) or body_text(error.response), key)
    if 300 <= status < 400:
        where = excerpt(headers.get("location", "another address"), key)
        reason = f"the server redirects to {where}, which is not followed. Correct base_url."
        return BadReply(name, reason)
    if status == 413 or (status in (400, 422, 500) and CONTEXT_TOO_LONG.search(message)):
        return from_context_limit(name, error.body, message)
    if status == 429:
        return from_rate_limit(name, message, retry_after(headers))
    if status in (408, 409, 425) or status >= 500:
        reason = f"error {status}" + (f": {message}" if message else ".")
        return ServerFailed(name, reason, wait=retry_after(headers))
    if (status == 404 and "model" in message.lower()) or (
        status in (400, 422) and UNKNOWN_MODEL.search(message)
    ):
        hint = provider.hint.format(model=provider.model or "MODEL") or message
        reason = f"the server does not have the model {provider.model!r} ({status}). {hint}"
        return ModelUnknown(name, reason)
    optional = status in (400, 422) and bool(OPTIONAL_FIELD.search(message))
    return RequestRefused(name, refusal_reason(status, message, provider), optional=optional)


def from_rate_limit(name: str, message: str, wait: float | None) -> RateLimited:
    """The error for status 429; an exhausted quota does not come back by waiting."""
    if NO_QUOTA.search(message):
        return RateLimited(name, f"the account has no quota left: {message}", retryable=False)
    asks = f" The server asks to wait {wait:g} s." if wait else ""
    return RateLimited(name, f"too many requests.{asks} {message}".strip(), wait=wait)


def refusal_reason(status: int, message: str, provider: Provider) -> str:
    """What a 4xx status means, and what to correct."""
    if status == 401:
        where = provider.api_key_env or "api_key_env"
        return f"the API key is wrong (401). Check {where}. {message}"
    if status == 402:
        return f"the account has no credit (402). {message}"
    if status == 403:
        return f"access is forbidden (403), for this key or from this country. {message}"
    if status == 404:
        url = provider.base_url
        path = "" if url.rstrip("/").endswith("/v1") else " Most addresses end in /v1."
        return f"there is nothing at {url} (404). Check base_url.{path} {message}"
    return f"the server refused the request ({status}): {message}"


def from_context_limit(name: str, body: object, message: str) -> ContextTooLong:
    """The error for a prompt that is too long, with the server's figures where it gives any."""
    body = _without_list(body)
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    fields = error if isinstance(error, Mapping) else {}
    limit, asked = fields.get("n_ctx"), fields.get("n_prompt_tokens")
    if not isinstance(limit, int) and (found := CONTEXT_LIMIT.search(message)):
        limit = int(found[1])
    if not isinstance(asked, int) and (found := CONTEXT_ASKED.search(message)):
        asked = int(found[1])
    return ContextTooLong(
        name,
        f"the articles and the question do not fit into the model's context. {message}".strip(),
        limit=limit if isinstance(limit, int) else None,
        asked=asked if isinstance(asked, int) else None,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, given as a number or as a date."""
    value = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _without_list(body: Any) -> Any:
    """Gemini wraps an error's body into a list."""
    return body[0] if isinstance(body, list) and body else body


def error_message(body: Any) -> str:
    """The message in an error's body, in any of the usual shapes."""
    body = _without_list(body)
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            parts = [str(inner[key]) for key in ("code", "type", "message") if inner.get(key)]
            return ": ".join(dict.fromkeys(parts[:1] + parts[-1:]))
        return str(inner)
    return body if isinstance(body, str) else ""


def body_text(response: httpx.Response) -> str:
    """The body of an error as text, without HTML tags."""
    try:
        text = response.text
    except (httpx.StreamError, httpx.HTTPError):
        return ""
    return re.sub(r"<[^<>]*>", " ", text[:5_000])

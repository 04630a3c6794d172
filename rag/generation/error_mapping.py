"""What can go wrong with a server, in our words: every foreign error becomes one of our family.

The servers' own words are quoted, shortened and with the key masked. Foreign errors are not
chained: they hold the request with its headers.
"""

from __future__ import annotations

import email.utils
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpcore
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
from rag.generation.providers import Preset
from rag.generation.redaction import quoted
from rag.generation.transport import Deadlines

CONTEXT_WORDS = re.compile(
    r"context[ _-]?(?:length|size|window)|exceed_context|maximum context|too many tokens"
    r"|prompt is too long|input is too long",
    re.IGNORECASE,
)
LIMIT = re.compile(r"(?:maximum context length is|n_ctx\W+|context size \()\s*(\d+)", re.IGNORECASE)
PARAMETER = re.compile(
    r"temperature|max_completion_tokens|max_tokens|stream_options|stop|unsupported parameter"
    r"|extra (?:inputs|fields)|unknown field|unrecognized|not permitted",
    re.IGNORECASE,
)
QUOTA_WORDS = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)


UNKNOWN_MODEL = re.compile(
    r"model.{0,120}(?:not (?:found|exist|available)|does(?:n't| not) exist|unknown)"
    r"|(?:unknown|no such|not a valid) model",
    re.IGNORECASE,
)
# Models that a message names where one is not known.
MODELS_NAMED = 5


class ModelUnknown(RequestRefused):
    """The server does not have the model."""

    def naming(self, model: str, offered: Sequence[str]) -> ModelUnknown:
        """The same with what the server offers, and the name most like the one asked for."""
        more = ", …" if len(offered) > MODELS_NAMED else ""
        meant = nearest(model, offered) or "."
        offers = f"It offers {', '.join(offered[:MODELS_NAMED])}{more}{meant}"
        return ModelUnknown(self.backend, f"{self.reason.rstrip('.')}. {offers}")


def translate(
    error: Exception, preset: Preset, key: str | None, deadlines: Deadlines
) -> FootnoteError:
    """Our error for a foreign one; ours are passed on, from wherever in the chain they hide."""
    for link in chain(error):
        if isinstance(link, FootnoteError):
            return link
    if isinstance(error, openai.APIStatusError):
        return of_status(error, preset, key)
    timeouts = (httpx.TimeoutException, httpcore.TimeoutException, openai.APITimeoutError)
    if any(isinstance(link, timeouts) for link in chain(error)):
        return timed_out(preset, deadlines)
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return no_connection(error, preset)
    if isinstance(error, openai.APIError):
        body = said(error.body) or str(error)
        return BadReply(preset.name, f"it broke off with an error: {quoted(body, key)}")
    words = quoted(str(error), key)
    return BadReply(preset.name, f"it sent something that cannot be read ({words}).")


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def timed_out(preset: Preset, deadlines: Deadlines) -> TimedOut:
    phase = deadlines.passed
    seconds = {
        "connect": deadlines.connect,
        "first word": min(deadlines.first, deadlines.total),
        "next word": deadlines.idle,
    }.get(phase, deadlines.total)
    what = {
        "connect": f"no connection to {preset.host} within {seconds:g} s",
        "first word": f"no word came within {seconds:g} s; the model may still be loading",
        "next word": f"it fell silent for {seconds:g} s in the middle",
    }.get(phase, f"it took longer than {seconds:g} s in all")
    return TimedOut(preset.name, what + ".", phase=phase)


def no_connection(error: Exception, preset: Preset) -> Unreachable:
    """Refused, unknown name, certificate, or cut: each has its own sentence and next step."""
    links = tuple(chain(error))
    host = preset.host
    if any(isinstance(link, ssl.SSLError) for link in links):
        reason = next(str(link) for link in links if isinstance(link, ssl.SSLError))
        told = f"the certificate of {host} does not hold ({reason[:120]}). Nothing was sent."
        return Unreachable(preset.name, told)
    if any(isinstance(link, socket.gaierror) for link in links):
        told = f"the name {host!r} is not known. Check base_url, and the network."
        return Unreachable(preset.name, told, retryable=False)
    if any(isinstance(link, ConnectionRefusedError) for link in links):
        start = f" {preset.start.format(model=preset.model or 'MODEL')}." if preset.start else ""
        told = f"nothing listens at {preset.base_url}.{start}"
        return Unreachable(preset.name, told, retryable=True)
    return Unreachable(preset.name, f"the connection to {host} was cut.", retryable=True)


def of_status(error: openai.APIStatusError, preset: Preset, key: str | None) -> BackendError:
    """The error for an HTTP status."""
    status = error.status_code
    words = quoted(said(error.body) or plain(error.response), key)
    name = preset.name
    wait = retry_after(error.response.headers)
    if 300 <= status < 400:
        where = error.response.headers.get("location", "elsewhere")
        told = f"it sends on to {quoted(where, key)}, which is not followed. Correct base_url."
        return BadReply(name, told)
    if status == 413 or (status in (400, 422, 500) and CONTEXT_WORDS.search(words)):
        return too_long(name, error.body, words)
    if status == 429:
        if QUOTA_WORDS.search(words):
            return RateLimited(name, f"the account has no quota left: {words}", retryable=False)
        asked = f" It asks to wait {wait:g} s." if wait else ""
        return RateLimited(name, f"too many requests.{asked} {words}".strip(), wait=wait)
    if status in (408, 409, 425) or status >= 500:
        told = f"it failed with status {status}. {words}".strip()
        return ServerFailed(name, told, wait=wait)
    if (status == 404 and "model" in words.lower()) or (
        status in (400, 422) and UNKNOWN_MODEL.search(words)
    ):
        hint = preset.hint.format(model=preset.model or "MODEL")
        told = f"it does not have the model {preset.model!r} ({status}). {hint or words}"
        return ModelUnknown(name, told)
    return RequestRefused(
        name,
        refusal(status, words, preset),
        optional=status in (400, 422) and bool(PARAMETER.search(words)),
    )


def refusal(status: int, words: str, preset: Preset) -> str:
    """What a 4xx means here and what to set right."""
    if status == 401:
        return f"the key is wrong (401). Check {preset.api_key_env or 'api_key_env'}. {words}"
    if status == 402:
        return f"the account has no credit (402). {words}"
    if status == 403:
        return f"access is forbidden (403), for this key or from this country. {words}"
    if status == 404:
        slash = "" if preset.base_url.rstrip("/").endswith("/v1") else " Most addresses end in /v1."
        return f"there is nothing at {preset.base_url} (404). Check base_url.{slash} {words}"
    return f"it refuses the request ({status}): {words}"


def too_long(name: str, body: object, words: str) -> ContextTooLong:
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    fields = error if isinstance(error, Mapping) else {}
    limit, asked = fields.get("n_ctx"), fields.get("n_prompt_tokens")
    if not isinstance(limit, int) and (found := LIMIT.search(words)):
        limit = int(found[1])
    return ContextTooLong(
        name,
        f"the articles and the question do not fit into the model's context. {words}".strip(),
        limit=limit if isinstance(limit, int) else None,
        asked=asked if isinstance(asked, int) else None,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a ``Retry-After`` asks for, given as a number or as a date."""
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


def said(body: Any) -> str:
    """The message in an error's body, whichever of the usual shapes it has."""
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            parts = [str(inner[key]) for key in ("code", "type", "message") if inner.get(key)]
            return ": ".join(dict.fromkeys(parts[:1] + parts[-1:]))
        return str(inner)
    return body if isinstance(body, str) else ""


def plain(response: httpx.Response) -> str:
    """The body as words, a page's tags left out."""
    try:
        text = response.text
    except (httpx.StreamError, httpx.HTTPError):
        return ""
    return re.sub(r"<[^<>]*>", " ", text[:5_000])

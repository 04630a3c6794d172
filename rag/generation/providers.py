"""Who can draft an answer by name: addresses, keys, models and peculiarities of each provider.

The table is ``rag/data/providers.toml``, which says what each row was checked against, and when.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from rag.data import read_text
from rag.errors import SettingsError, unknown_name
from rag.policy import LOCAL, UNKNOWN, Destination, is_loopback
from rag.settings import BackendSettings, Settings

# Time limits in seconds: to connect, to the first token, between tokens, in total. A local server
# may have to load its model first.
HOSTED_TIMES = (5.0, 60.0, 30.0, 120.0)
LOCAL_TIMES = (5.0, 300.0, 30.0, 600.0)
# Most seconds that the retries of a call may wait in total.
PATIENCE = 10.0
# Most tokens of an answer: several times what three or four sentences take, reasoning included.
OUTPUT_TOKENS = 2_048
LOCAL_OUTPUT_TOKENS = 1_024
# Models with fewer parameters, or contexts of so few tokens, get a prompt of a few lines.
SMALL_MODEL = 1_000_000_000
SMALL_CONTEXT = 2_048
# "135M" or "0.5b", as names of models have it.
SIZE_IN_NAME = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([mb])(?![a-z])", re.IGNORECASE)
UNITS = {"m": 1_000_000, "b": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known about one provider of models.

    Attributes:
        name: What a user calls it.
        base_url: Address of its OpenAI-compatible interface; empty for weights in a folder.
        location: ``local``, a country's two letters, or ``unknown``.
        model: None takes the first that the server offers.
        api_key_env: Environment variable that holds the key; empty if none is needed.
        context: Tokens of prompt and answer together.
        output: Most tokens of an answer.
        output_field: The request's field for that number.
        temperature: Whether the request may set one.
        usage_in_stream: Whether a stream can be asked to count tokens.
        reasons: Whether the model reasons in tags before it answers.
        stream: Whether replies are streamed.
        hint: What to do if the model is missing; may hold ``{model}``.
        start: What to do if nothing is listening; may hold ``{model}``.
        folder: Of weights that run in this process.
        api_version: Of older Azure addresses.
        price: Per million tokens read and written.
        times: Limits in seconds: to connect, first token, next token, total.
        patience: Most seconds that retries may wait in total.
        knows_context: Whether the user set ``context``, so that the server is not asked.
        parameters: Of the model, where the server tells.
        penalty_field: The request's field for a penalty on repeating; empty if there is none.
    """

    name: str
    base_url: str
    location: str
    model: str | None = None
    api_key_env: str = ""
    context: int = 8_192
    output: int = OUTPUT_TOKENS
    output_field: str = "max_tokens"
    temperature: bool = True
    usage_in_stream: bool = True
    reasons: bool = False
    stream: bool = True
    hint: str = ""
    start: str = ""
    folder: str | None = None
    api_version: str | None = None
    price: tuple[float, float] | None = None
    times: tuple[float, float, float, float] = HOSTED_TIMES
    patience: float = PATIENCE
    knows_context: bool = False
    parameters: int | None = None
    penalty_field: str = ""

    @property
    def room(self) -> int:
        """Tokens that a prompt may have."""
        return self.context - min(self.output, self.context // 2)

    @property
    def is_small(self) -> bool:
        """Whether its model follows only a short prompt: by its size, else its name's, or room."""
        named = SIZE_IN_NAME.search(self.model or "")
        size = self.parameters or (
            int(float(named[1]) * UNITS[named[2].lower()]) if named else None
        )
        return self.context <= SMALL_CONTEXT or (size is not None and size < SMALL_MODEL)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def destination(self) -> Destination:
        return Destination(self.name, self.host, self.location)


def _local(name: str, base_url: str, **known: Any) -> Provider:
    usual: dict[str, Any] = {
        "output": LOCAL_OUTPUT_TOKENS,
        "times": LOCAL_TIMES,
        "penalty_field": "repeat_penalty",
    }
    return Provider(name, base_url, LOCAL, **(usual | known))


_TABLE = tomllib.loads(read_text("providers.toml"))
PROVIDERS: tuple[Provider, ...] = (
    *(Provider(name, **known) for name, known in _TABLE["hosted"].items()),
    *(_local(name, **known) for name, known in _TABLE["local"].items()),
)
# Open weights by family, with their name in Ollama's library.
FAMILIES: dict[str, str] = _TABLE["families"]
# Families that reason in tags, unless the server separates reasoning from the answer.
REASONING_FAMILIES = ("deepseek-r1", "qwen")
REASONING_NAMES = ("-r1", "qwq", "qwen3", "think", "reason", "magistral", "minimax-m")

EXTRACTIVE = "extractive"
# Fields that a user's table and a provider have in common.
SHARED_FIELDS = (
    *("base_url", "model", "folder", "api_key_env", "api_version", "context", "output"),
    *("stream", "reasons", "price", "patience"),
)


def known_names(settings: Settings | None = None) -> tuple[str, ...]:
    """Every name that a backend can be called by."""
    own = tuple(table.name for table in settings.backends) if settings else ()
    names = (EXTRACTIVE, *(provider.name for provider in PROVIDERS), *FAMILIES, *own)
    return tuple(dict.fromkeys(names))


def find_provider(name: str, settings: Settings | None = None) -> Provider:
    """The provider of a name, with the user's changes.

    Args:
        name: Such as ``ollama``, ``qwen`` or ``vllm:some/model``.
        settings: Hold the user's tables.

    Raises:
        SettingsError: No provider has that name, or it lacks an address.
    """
    if "://" in name:
        return provider_at(name)
    called, _, model = name.partition(":")
    tables = {table.name: table for table in settings.backends} if settings else {}
    provider = {provider.name: provider for provider in PROVIDERS}.get(called)
    if provider is None and called in FAMILIES:
        base = find_provider("ollama", settings)
        reasons = called in REASONING_FAMILIES
        provider = replace(base, name=called, model=FAMILIES[called], reasons=reasons)
    if called in tables:
        provider = apply_table(provider or Provider(called, "", UNKNOWN), tables[called])
    if provider is None:
        raise unknown_name("backend", called, known_names(settings))
    if model:
        folder = model if called == "transformers" else provider.folder
        provider = replace(provider, name=name, model=model, folder=folder)
    if not provider.base_url and not provider.folder:
        wanted = provider.hint or f"an address, base_url, in [backends.{called}]"
        raise SettingsError(f"backends.{called}.base_url", provider.base_url, wanted.rstrip("."))
    named_so = any(part in (provider.model or "").lower() for part in REASONING_NAMES)
    # Hosts separate reasoning from the answer; local servers often do not.
    is_local = provider.location == LOCAL
    return replace(provider, reasons=provider.reasons or (named_so and is_local))


def model_name(model: str) -> str:
    """What a reader is shown of a model: of a file's path, the file's name without its ending."""
    if model.lower().endswith(".gguf"):
        return re.split(r"[\\/]", model)[-1][: -len(".gguf")]
    return re.split(r"[\\/]", model)[-1] if model.startswith(("/", "~", ".")) else model


def provider_at(address: str) -> Provider:
    """The provider of a plain address, such as ``http://127.0.0.1:8080/v1``, and its only model."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("backend", address, "a name, or an address such as http://HOST:PORT/v1")
    base_url = address.rstrip("/") if parts.path.strip("/") else f"{address.rstrip('/')}/v1"
    if is_loopback(parts.hostname):
        return _local(parts.netloc, base_url)
    return Provider(parts.netloc, base_url, UNKNOWN)


def apply_table(provider: Provider, table: BackendSettings) -> Provider:
    """A provider with what the user's table says.

    A provider's location belongs to its own host: another address has an unknown location, unless
    it is this machine's or the table names one.
    """
    values = {key: value for key in SHARED_FIELDS if (value := getattr(table, key)) is not None}
    knows_context = table.context is not None
    changed: Provider = replace(provider, **values, knows_context=knows_context)
    if table.location is not None:
        changed = replace(changed, location=table.location)
    elif changed.folder or is_loopback(changed.host):
        changed = replace(changed, location=LOCAL)
    elif changed.host != provider.host:
        changed = replace(changed, location=UNKNOWN)
    defaults = LOCAL_TIMES if changed.location == LOCAL else HOSTED_TIMES
    connect, first_token, next_token, total = defaults
    return replace(
        changed,
        times=(
            connect if table.connect_timeout is None else table.connect_timeout,
            first_token if table.first_token_timeout is None else table.first_token_timeout,
            next_token if table.token_timeout is None else table.token_timeout,
            total if table.total_timeout is None else table.total_timeout,
        ),
    )


# Each server has its own word for it: llama.cpp (below "meta"), vLLM, OpenRouter, Mistral.
CONTEXT_FIELDS = ("n_ctx", "max_model_len", "context_length", "max_context_length")


class Offer(NamedTuple):
    """A model on a server; ``context`` in tokens and ``parameters`` are None if unknown."""

    name: str
    context: int | None = None
    parameters: int | None = None


def offer_of(row: Any) -> Offer | None:
    """One row of a server's list of models; None if it names none."""
    if not isinstance(row, Mapping) or not row.get("id"):
        return None
    meta = row.get("meta")
    told = {**meta, **row} if isinstance(meta, Mapping) else row
    contexts = [told[name] for name in CONTEXT_FIELDS if isinstance(told.get(name), int)]
    parameters = told.get("n_params")
    return Offer(
        str(row["id"]),
        next((size for size in contexts if size > 0), None),
        parameters if isinstance(parameters, int) and parameters > 0 else None,
    )


def adapted(provider: Provider, offers: Sequence[Offer]) -> Provider:
    """The provider with what its server says about its model, or about the only one it has."""
    named = [offer for offer in offers if offer.name == provider.model]
    chosen = named or (offers if len(offers) == 1 else ())
    if not chosen:
        return provider
    return replace(
        provider,
        context=chosen[0].context or provider.context,
        parameters=chosen[0].parameters or provider.parameters,
    )

"""Who can draft an answer by name: addresses, keys, models and peculiarities of each provider.

The comment above each says what it was checked against, and when. ``location`` is the country where
the company that runs the host says it works, or ``unknown`` if the host passes requests on to
others: such a host is reached only with ``anywhere`` or by its own name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

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


def _hosted(name: str, base_url: str, location: str, **known: object) -> Provider:
    return replace(Provider(name, base_url, location), **known)  # type: ignore[arg-type]


def _local(name: str, base_url: str, **known: object) -> Provider:
    made = Provider(
        name,
        base_url,
        LOCAL,
        output=LOCAL_OUTPUT_TOKENS,
        times=LOCAL_TIMES,
        penalty_field="repeat_penalty",
    )
    return replace(made, **known)  # type: ignore[arg-type]


PROVIDERS: tuple[Provider, ...] = (
    # OpenAI, API reference "Create chat completion": max_tokens is deprecated, and reasoning models
    # reject both it and temperature. "Deprecations": gpt-5-mini ends on 2026-12-11, and this model
    # is named as its replacement. Read 2026-11-22.
    _hosted(
        "openai",
        "https://api.openai.com/v1",
        "US",
        model="gpt-6.1-terra",
        api_key_env="OPENAI_API_KEY",
        context=128_000,
        output_field="max_completion_tokens",
        temperature=False,
    ),
    # Microsoft, "Azure OpenAI in Foundry Models: API version lifecycle": the v1 address takes the
    # deployment's name as the model and needs no api-version; older addresses do. Address and
    # country are those of the user's resource, so both must be set. Read 2026-11-22.
    _hosted(
        "azure",
        "",
        UNKNOWN,
        api_key_env="AZURE_OPENAI_API_KEY",
        context=128_000,
        output_field="max_completion_tokens",
        temperature=False,
        hint="Set base_url to https://RESOURCE.openai.azure.com/openai/v1, model to the name of "
        "the deployment and location to the region's country in [backends.azure].",
    ),
    # api-docs.deepseek.com, "Your First API Call": deepseek-flash, also under its older name
    # deepseek-v4-flash; deepseek-chat (V) and deepseek-reasoner (R1) were names of modes until
    # 2026-07-24. Reasoning comes in the field reasoning_content. Read 2026-11-22.
    _hosted(
        "deepseek",
        "https://api.deepseek.com",
        "CN",
        model="deepseek-flash",
        api_key_env="DEEPSEEK_API_KEY",
        context=128_000,
    ),
    # platform.minimax.io, "OpenAI SDK" (address, MiniMax-M3), as cited by other pages; the M series
    # reasons in <think> tags unless asked to separate it; max_tokens is deprecated.
    # Read 2026-11-22.
    _hosted(
        "minimax",
        "https://api.minimax.io/v1",
        "CN",
        model="MiniMax-M3",
        api_key_env="MINIMAX_API_KEY",
        context=200_000,
        output_field="max_completion_tokens",
        reasons=True,
    ),
    # docs.x.ai, "Grok Model Retirement": grok-4 ended on 2026-05-15, grok-4.3 replaces it; address
    # also from LlamaIndex's page "Grok 4". Read 2026-11-22.
    _hosted(
        "xai",
        "https://api.x.ai/v1",
        "US",
        model="grok-4.3",
        api_key_env="XAI_API_KEY",
        context=256_000,
    ),
    # ai.google.dev, "OpenAI compatibility" (address, key) and "Gemini deprecations" (no end is
    # announced for this model; 2.5 ended in October 2026). firebase.google.com, "Specify the
    # location": a request may be served anywhere in the world. Read 2026-11-22.
    _hosted(
        "google",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        UNKNOWN,
        model="gemini-3.6-flash",
        api_key_env="GEMINI_API_KEY",
        context=1_000_000,
    ),
    # llama.developer.meta.com, "Compatibility", and LlamaIndex's class LlamaLLM: the address with
    # /compat/v1, 128k of context. Whether new keys are issued could not be seen; openrouter,
    # huggingface and local servers offer Llama too. Read 2026-11-22.
    _hosted(
        "meta",
        "https://api.llama.com/compat/v1",
        "US",
        model="Llama-3.3-8B-Instruct",
        api_key_env="LLAMA_API_KEY",
        context=120_000,
    ),
    # huggingface.co/docs/inference-providers: the router passes requests on to other companies,
    # so where text ends up is unknown. Read 2026-11-22.
    _hosted(
        "huggingface",
        "https://router.huggingface.co/v1",
        UNKNOWN,
        model="openai/gpt-oss-120b",
        api_key_env="HF_TOKEN",
        context=128_000,
    ),
    # docs.mistral.ai, "Chat completion": the address and mistral-small-latest. Read 2026-11-22.
    _hosted(
        "mistral",
        "https://api.mistral.ai/v1",
        "FR",
        model="mistral-small-latest",
        api_key_env="MISTRAL_API_KEY",
        context=128_000,
        usage_in_stream=False,
    ),
    # openrouter.ai/docs, "Quickstart" and "Provider routing": a router too. Read 2026-11-22.
    _hosted(
        "openrouter",
        "https://openrouter.ai/api/v1",
        UNKNOWN,
        model="deepseek/deepseek-r1",
        api_key_env="OPENROUTER_API_KEY",
        context=64_000,
    ),
    # docs.ollama.com, "OpenAI compatibility": port 11434, any key. The window is the server's,
    # often 4,096 tokens, and num_ctx cannot be sent (ollama/ollama issues 6026, 10980).
    # Read 2026-11-22.
    _local(
        "ollama",
        "http://127.0.0.1:11434/v1",
        model="llama3.2",
        context=4_096,
        hint="Fetch it with: ollama pull {model}",
        start="Start it with: ollama serve",
    ),
    # llama.cpp, tools/server/README: port 8080, the loaded model answers to any name;
    # reasoning_format is auto, which moves reasoning to reasoning_content. Read 2026-11-22.
    _local(
        "llamacpp", "http://127.0.0.1:8080/v1", start="Start it with: llama-server -m FILE.gguf"
    ),
    # mozilla-ai/llamafile, README: port 8080, /v1 needed. Read 2026-11-22.
    _local(
        "llamafile", "http://127.0.0.1:8080/v1", start="Start it with: ./MODEL.llamafile --server"
    ),
    # docs.vllm.ai, "OpenAI-compatible server": port 8000. Read 2026-11-22.
    _local(
        "vllm",
        "http://127.0.0.1:8000/v1",
        start="Start it with: vllm serve {model}",
        penalty_field="repetition_penalty",
    ),
    # lmstudio.ai/docs/developer, "OpenAI compatibility": port 1234. Read 2026-11-22.
    _local(
        "lmstudio",
        "http://127.0.0.1:1234/v1",
        start="Start the server of LM Studio, and load a model",
    ),
    # huggingface.co/docs/text-generation-inference, "Messages API": one model, called tgi; the
    # container's own port is 80, and its documentation maps it to 8080. Read 2026-11-22.
    _local(
        "tgi",
        "http://127.0.0.1:8080/v1",
        model="tgi",
        start="Start text-generation-launcher",
        penalty_field="",
    ),
    # Weights in a folder, run in this process; needs the extra of the same name.
    _local(
        "transformers", "", hint="Set folder, where the weights are, in [backends.transformers]."
    ),
)

# Open weights by family, with their name in Ollama's library (ollama.com/library, read
# 2026-11-22). For another server, name it: vllm:openai/gpt-oss-20b.
FAMILIES: dict[str, str] = {
    "gpt-oss": "gpt-oss:20b",
    "deepseek-r1": "deepseek-r1:8b",
    "llama": "llama3.2",
    "gemma": "gemma3",
    "mistral-open": "mistral",
    "qwen": "qwen3",
}
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
    return _hosted(parts.netloc, base_url, UNKNOWN)


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

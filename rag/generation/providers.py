"""Who can draft an answer by name: one table of addresses, keys, models and peculiarities.

A preset is data. The comment over each says what it was checked against and when. ``location`` is
the country where the company that runs the host says it works, and ``unknown`` where the host
passes requests on to others: such a host is reached with ``anywhere`` or by its own name only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from rag.errors import SettingsError, unknown_name
from rag.policy.rules import LOCAL, UNKNOWN, Destination, is_loopback
from rag.settings import BackendSettings, Settings

# Budgets in seconds: to connect, to the first word, between words, in all. A local server may have
# to load its model first.
HOSTED_TIMES = (5.0, 60.0, 30.0, 120.0)
LOCAL_TIMES = (5.0, 300.0, 30.0, 600.0)
# The longest time that repeating a request may wait in all.
PATIENCE = 10.0
# Tokens of an answer: several times what three or four sentences take, thinking aloud included.
OUTPUT = 2_048


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known about one backend. Times are in seconds, ``price`` is per million tokens.

    ``output_field`` is the request's field for the most tokens of an answer; ``usage_in_stream``
    says that it can be asked to count tokens in a stream; ``reasons`` that the model thinks aloud
    in tags before it answers, ``hint`` what to do when the model is not there, ``start`` when
    nothing listens.
    """

    name: str
    base_url: str
    location: str
    model: str | None = None
    api_key_env: str = ""
    context: int = 8_192
    output: int = OUTPUT
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

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def destination(self) -> Destination:
        return Destination(self.name, self.host, self.location)


def _hosted(name: str, base_url: str, location: str, **known: object) -> Preset:
    return replace(Preset(name, base_url, location), **known)  # type: ignore[arg-type]


def _local(name: str, base_url: str, **known: object) -> Preset:
    made = Preset(name, base_url, LOCAL, times=LOCAL_TIMES)
    return replace(made, **known)  # type: ignore[arg-type]


PRESETS: tuple[Preset, ...] = (
    # OpenAI, API reference "Create chat completion": max_tokens is deprecated, reasoning models
    # refuse it and a temperature; "Deprecations": gpt-5-mini ends on 2026-12-11, and this model
    # is named in its place. Read 2026-11-22.
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
    # deployment's name as the model and needs no api-version; older addresses do. The address and
    # the country are those of one's own resource, so both are to be set. Read 2026-11-22.
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
    # api-docs.deepseek.com, "Your First API Call": deepseek-flash, which answers to the older name
    # deepseek-v4-flash too; deepseek-chat (V) and deepseek-reasoner (R1) were names of modes until
    # 2026-07-24. Thinking comes in the field reasoning_content. Read 2026-11-22.
    _hosted(
        "deepseek",
        "https://api.deepseek.com",
        "CN",
        model="deepseek-flash",
        api_key_env="DEEPSEEK_API_KEY",
        context=128_000,
    ),
    # platform.minimax.io, "OpenAI SDK" (address, MiniMax-M3), by way of pages that cite it; the M
    # series thinks in <think> tags unless asked to split; max_tokens is deprecated there.
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
    # docs.x.ai, "Grok Model Retirement": grok-4 ended on 2026-05-15, grok-4.3 follows; the address
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
    # location": a request is served anywhere in the world. Read 2026-11-22.
    _hosted(
        "google",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        UNKNOWN,
        model="gemini-3.6-flash",
        api_key_env="GEMINI_API_KEY",
        context=1_000_000,
    ),
    # llama.developer.meta.com, "Compatibility", and LlamaIndex's class LlamaLLM: the address with
    # /compat/v1, 128k of context. Whether new keys are given could not be seen; openrouter,
    # huggingface and servers of one's own have Llama as well. Read 2026-11-22.
    _hosted(
        "meta",
        "https://api.llama.com/compat/v1",
        "US",
        model="Llama-3.3-8B-Instruct",
        api_key_env="LLAMA_API_KEY",
        context=120_000,
    ),
    # huggingface.co/docs/inference-providers: the router hands requests to other companies, so
    # where the text ends is not known. Read 2026-11-22.
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
    # openrouter.ai/docs, "Quickstart" and "Provider routing": passes requests on. Read 2026-11-22.
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
        output=1_024,
        hint="Fetch it with: ollama pull {model}",
        start="Start it with: ollama serve",
    ),
    # llama.cpp, tools/server/README: port 8080, the loaded model answers to any name;
    # reasoning_format is auto, which moves thinking to reasoning_content. Read 2026-11-22.
    _local(
        "llamacpp", "http://127.0.0.1:8080/v1", start="Start it with: llama-server -m FILE.gguf"
    ),
    # mozilla-ai/llamafile, README: port 8080, /v1 needed. Read 2026-11-22.
    _local(
        "llamafile", "http://127.0.0.1:8080/v1", start="Start it with: ./MODEL.llamafile --server"
    ),
    # docs.vllm.ai, "OpenAI-compatible server": port 8000. Read 2026-11-22.
    _local("vllm", "http://127.0.0.1:8000/v1", start="Start it with: vllm serve {model}"),
    # lmstudio.ai/docs/developer, "OpenAI compatibility": port 1234. Read 2026-11-22.
    _local(
        "lmstudio",
        "http://127.0.0.1:1234/v1",
        start="Start the server of LM Studio, and load a model",
    ),
    # huggingface.co/docs/text-generation-inference, "Messages API": one model, called tgi; the
    # container's own port is 80, and its documentation maps it to 8080. Read 2026-11-22.
    _local("tgi", "http://127.0.0.1:8080/v1", model="tgi", start="Start text-generation-launcher"),
    # Weights in a folder, in this process; needs the extra of the same name.
    _local("transformers", "", hint="Set folder, of weights, in [backends.transformers]."),
)

# Open weights by family: the name that Ollama's library has for them (ollama.com/library, read
# 2026-11-22). With another server, name it: vllm:openai/gpt-oss-20b.
FAMILIES: dict[str, str] = {
    "gpt-oss": "gpt-oss:20b",
    "deepseek-r1": "deepseek-r1:8b",
    "llama": "llama3.2",
    "gemma": "gemma3",
    "mistral-open": "mistral",
    "qwen": "qwen3",
}
# Families that think aloud in tags where a server does not part it from the answer.
THINKING_FAMILIES = ("deepseek-r1", "qwen")
THINKING_NAMES = ("-r1", "qwq", "qwen3", "think", "reason", "magistral", "minimax-m")

EXTRACTIVE = "extractive"
# Fields of a user's table that stand in a preset under the same name.
PLAIN = (
    *("base_url", "model", "folder", "api_key_env", "api_version", "context", "output"),
    *("stream", "reasons", "price", "patience"),
)


def known_names(settings: Settings | None = None) -> tuple[str, ...]:
    """Every name that a backend can be called by."""
    own = tuple(table.name for table in settings.backends) if settings else ()
    names = (EXTRACTIVE, *(preset.name for preset in PRESETS), *FAMILIES, *own)
    return tuple(dict.fromkeys(names))


def find_preset(name: str, settings: Settings | None = None) -> Preset:
    """The preset of a name, with the user's changes: ``ollama``, ``qwen``, ``vllm:some/model``.

    Raises:
        SettingsError: No preset has that name, or it lacks an address.
    """
    called, _, model = name.partition(":")
    tables = {table.name: table for table in settings.backends} if settings else {}
    preset = {preset.name: preset for preset in PRESETS}.get(called)
    if preset is None and called in FAMILIES:
        base = find_preset("ollama", settings)
        reasons = called in THINKING_FAMILIES
        preset = replace(base, name=called, model=FAMILIES[called], reasons=reasons)
    if called in tables:
        preset = changed(preset or Preset(called, "", UNKNOWN), tables[called])
    if preset is None:
        raise unknown_name("backend", called, known_names(settings))
    if model:
        folder = model if called == "transformers" else preset.folder
        preset = replace(preset, name=name, model=model, folder=folder)
    if not preset.base_url and not preset.folder:
        wanted = preset.hint or f"an address, base_url, in [backends.{called}]"
        raise SettingsError(f"backends.{called}.base_url", preset.base_url, wanted.rstrip("."))
    thinks = any(part in (preset.model or "").lower() for part in THINKING_NAMES)
    # Hosts part thinking from the answer; what runs here often does not.
    return replace(preset, reasons=preset.reasons or (thinks and preset.location == LOCAL))


def changed(preset: Preset, table: BackendSettings) -> Preset:
    """A preset with what the user's table says.

    An address elsewhere with nothing said about where it stands has an unknown location: the
    preset's own location belongs to the preset's own host.
    """
    values = {key: value for key in PLAIN if (value := getattr(table, key)) is not None}
    made: Preset = replace(preset, **values)
    if table.location is not None:
        made = replace(made, location=table.location)
    elif made.folder or is_loopback(made.host):
        made = replace(made, location=LOCAL)
    elif made.host != preset.host:
        made = replace(made, location=UNKNOWN)
    times = LOCAL_TIMES if made.location == LOCAL else HOSTED_TIMES
    connect, first, idle, total = times
    return replace(
        made,
        times=(
            connect if table.connect_timeout is None else table.connect_timeout,
            first if table.first_token_timeout is None else table.first_token_timeout,
            idle if table.token_timeout is None else table.token_timeout,
            total if table.total_timeout is None else table.total_timeout,
        ),
    )

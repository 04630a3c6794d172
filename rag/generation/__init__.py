"""Answer generation: language models as backends, failover among them, and parsing their drafts.

Modules: `base` (what a backend is), `providers` (the table of hosts), the backends
`openai_compatible` and `llamaindex` with `prompts`, `resilience`, `server_responses`,
`output_cleaning`, `error_mapping` and `redaction` beneath them, and on top `failover`,
`draft_sentences` (with `citation_marks`) and `backend_health`.
"""

from __future__ import annotations

from rag.generation.backend_health import BackendHealth, check_backends
from rag.generation.base import (
    ArticleSentence,
    Backend,
    CallContext,
    LanguageModelBackend,
    Retract,
    join_text,
)
from rag.generation.citation_marks import restore_brackets
from rag.generation.draft_sentences import (
    DraftParser,
    DraftSentence,
    PartialSentence,
    Preamble,
    parse_draft,
)
from rag.generation.failover import DraftEvent, Failover, PartialFilter
from rag.generation.gguf import serve_gguf
from rag.generation.llamaindex import LlamaIndexBackend, LocalWeights, as_backend, is_llm
from rag.generation.prompts import judge_messages, passages_beside, rewrite_messages
from rag.generation.providers import EXTRACTIVE, FAMILIES, PROVIDERS, Provider, find_provider
from rag.settings import Settings

# Grouped: backends and their calls, choosing one, drafts, prompts of other stages.
__all__ = [  # noqa: RUF022
    "Backend",
    "LanguageModelBackend",
    "LlamaIndexBackend",
    "LocalWeights",
    "CallContext",
    "Failover",
    #
    "EXTRACTIVE",
    "FAMILIES",
    "PROVIDERS",
    "Provider",
    "find_provider",
    "load_backend",
    "as_backend",
    "is_llm",
    "serve_gguf",
    "BackendHealth",
    "check_backends",
    #
    "ArticleSentence",
    "DraftEvent",
    "DraftParser",
    "DraftSentence",
    "PartialFilter",
    "PartialSentence",
    "Preamble",
    "Retract",
    "join_text",
    "parse_draft",
    "restore_brackets",
    #
    "judge_messages",
    "passages_beside",
    "rewrite_messages",
]


def load_backend(name: str, settings: Settings) -> LanguageModelBackend:
    """The language model of a name: a provider's, a family's, or one from the settings.

    Args:
        name: Such as ``ollama``, ``qwen`` or ``vllm:some/model``.
        settings: Hold the user's own backends.

    Raises:
        SettingsError: No provider has that name, or it lacks something.
        BackendError: Its folder holds no model.
    """
    provider = find_provider(name, settings)
    if provider.folder:
        return LocalWeights(provider)
    # The client takes most of a second to import: only those who use it pay for it.
    from rag.generation.openai_compatible import OpenAICompatible

    return OpenAICompatible(provider)

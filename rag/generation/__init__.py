"""Answer generation: language models as backends, failover among them, and parsing their drafts.

Modules: `base` (what a backend is), `providers` (the table of hosts), the backends
`openai_compatible` and `llamaindex` with `prompts`, `resilience`, `server_responses`,
`output_cleaning`, `error_mapping` and `redaction` beneath them, and on top `failover`,
`draft_sentences` (with `citation_marks`) and `backend_health`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

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
from rag.generation.failover import (
    CIRCUIT_BREAKERS,
    DraftEvent,
    Failover,
    PartialFilter,
    circuit_key,
)
from rag.generation.gguf import serve_gguf
from rag.generation.llamaindex import LlamaIndexBackend, LocalWeights, as_backend, is_llm
from rag.generation.prompts import judge_messages, passages_beside, rewrite_messages
from rag.generation.providers import EXTRACTIVE, FAMILIES, PROVIDERS, Provider, find_provider
from rag.network import CancellationToken
from rag.policy import Rule
from rag.query import Query
from rag.settings import Settings
from rag.types import Outgoing

# What a model is asked when it is tried; it is in no article.
TRIAL = Query(text="Reply with one word: are you ready?")

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
    "try_backend",
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


def try_backend(
    name: str,
    settings: Settings,
    *,
    rules: tuple[Rule, ...] = (),
    log: Callable[[Outgoing], None] | None = None,
    cancellation: CancellationToken | None = None,
) -> float:
    """Waits for the first words of a language model, which gets no text of an article.

    A model that rested after failures is used again once it has answered.

    Args:
        name: As for `load_backend`, whose errors are raised as well.
        settings: Hold the user's own backends, and the rules where none are given.
        rules: All must allow the host.
        log: Records calls that leave this machine.
        cancellation: Cancelled if nobody waits any more.

    Returns:
        The seconds until it began to write.

    Raises:
        PolicyRefused: The rules forbid it.
        BackendError: It cannot answer.
    """
    rules = rules or (Rule("the settings", settings.text_may_go_to),)
    context = CallContext(rules, log, cancellation=cancellation or CancellationToken())
    backend = load_backend(name, settings)
    started = time.monotonic()
    for _ in backend.draft(TRIAL, (), context):
        break
    CIRCUIT_BREAKERS.record_success(circuit_key(backend))
    return time.monotonic() - started

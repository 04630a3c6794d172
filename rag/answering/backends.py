"""The backends of one question: the extractive answerer, models, or several in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.answerability import SentenceScorer
from rag.errors import SettingsError
from rag.extractive import Extractive
from rag.generation import (
    EXTRACTIVE,
    Backend,
    Failover,
    LlamaIndexBackend,
    is_llm,
    load_backend,
)
from rag.network import CancellationToken
from rag.policy import Egress
from rag.settings import Settings


def make_backends(
    wanted: Sequence[Any],
    scorer: SentenceScorer,
    settings: Settings,
    egress: Egress,
    cancellation: CancellationToken | None = None,
) -> Failover:
    """The wanted backends in order, as one backend that fails over.

    Args:
        wanted: Names, LlamaIndex ``LLM`` objects, or backends.
        scorer: Scores sentences for the extractive answerer.
        settings: Contain the user's own backends.
        egress: Where text may go for this question.
        cancellation: Cancelling it ends the work.

    Raises:
        SettingsError: A backend is not known.
        MissingExtra: A backend needs an optional part that is not installed.
    """
    return Failover(
        [make_backend(one, scorer, settings) for one in wanted],
        rules=egress.rules,
        log=egress.log,
        cancellation=cancellation,
        other_hosts=egress.hosts,
    )


def make_backend(wanted: Any, scorer: SentenceScorer, settings: Settings) -> Backend:
    """The backend for a name, a LlamaIndex ``LLM``, or a backend that is one already.

    Arguments and errors are those of `make_backends`.
    """
    if isinstance(wanted, str):
        return Extractive(scorer) if wanted == EXTRACTIVE else load_backend(wanted, settings)
    if is_llm(wanted):
        return LlamaIndexBackend(wanted)
    if hasattr(wanted, "draft") and hasattr(wanted, "info"):
        made: Backend = wanted
        return made
    raise SettingsError("backend", wanted, "a name, a list of names, or a LlamaIndex LLM")


def wanted_backends(backend: Any) -> tuple[Any, ...]:
    """The ``backend`` argument as a tuple; it may be names with commas, a list, or one object."""
    if backend is None:
        return ()
    if isinstance(backend, str):
        return tuple(part.strip() for part in backend.split(",") if part.strip())
    if isinstance(backend, Sequence):
        return tuple(one for part in backend for one in wanted_backends(part))
    return (backend,)

"""The backends of one question: the extractive answerer, models, or several in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.answerability.sentence_scoring import SentenceScorer
from rag.extractive.backend import Extractive
from rag.generation.base import Backend, CancellationToken
from rag.generation.factory import make_backend
from rag.generation.failover import Failover
from rag.generation.providers import EXTRACTIVE
from rag.policy.permission import Egress
from rag.settings import Settings


def make_backends(
    wanted: Sequence[Any],
    scorer: SentenceScorer,
    settings: Settings,
    egress: Egress,
    cancellation: CancellationToken | None = None,
) -> Failover:
    """The wanted backends in their order, as one that fails over.

    Args:
        wanted: Names of presets, LlamaIndex ``LLM`` objects, or backends.
        scorer: Of the question, for the extractive answerer.
        settings: Hold the user's own presets.
        egress: Where text may go for this question.
        cancellation: Cancelling it ends the work.

    Raises:
        SettingsError: A backend is not known.
        MissingExtra: One needs a part that is not installed.
    """
    backends: list[Backend] = [
        Extractive(scorer) if name == EXTRACTIVE else make_backend(name, settings)
        for name in wanted
    ]
    return Failover(
        backends,
        rules=egress.rules,
        log=egress.log,
        cancellation=cancellation,
        elsewhere=egress.hosts,
    )

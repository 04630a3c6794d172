"""What a server says about the models that it has: names, and for some their size and context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rag.generation.providers import Provider

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

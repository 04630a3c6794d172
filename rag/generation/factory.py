"""From a name or an object to a backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.errors import SettingsError
from rag.extractive.backend import Extractive, UnderstandingIndex
from rag.generation.base import Backend
from rag.generation.llamaindex import LlamaBackend, is_llm
from rag.generation.providers import EXTRACTIVE, find_preset
from rag.settings import Settings


def make_backend(wanted: Any, index: UnderstandingIndex, settings: Settings) -> Backend:
    """The backend for a preset's name, a LlamaIndex ``LLM``, or a backend that is one already.

    Raises:
        SettingsError: No preset has that name, or it lacks something.
        MissingExtra: It needs a part that is not installed.
    """
    if isinstance(wanted, str):
        if wanted == EXTRACTIVE:
            return Extractive(index)
        preset = find_preset(wanted, settings)
        # The client takes most of a second to import: only who uses it pays for it.
        if preset.folder:
            from rag.generation.local_weights import Weights

            return Weights(preset)
        from rag.generation.openai_compatible import Compatible

        return Compatible(preset)
    if is_llm(wanted):
        return LlamaBackend(wanted)
    if hasattr(wanted, "draft") and hasattr(wanted, "info"):
        made: Backend = wanted
        return made
    raise SettingsError("backend", wanted, "a name, a list of names, or a LlamaIndex LLM")


def wanted_backends(backend: Any) -> tuple[Any, ...]:
    """What a caller gave as ``backend``, as a tuple: names with commas, a list, one object."""
    if backend is None:
        return ()
    if isinstance(backend, str):
        return tuple(part.strip() for part in backend.split(",") if part.strip())
    if isinstance(backend, Sequence):
        return tuple(one for part in backend for one in wanted_backends(part))
    return (backend,)

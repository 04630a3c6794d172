"""From a name or an object to a backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.errors import SettingsError
from rag.extractive.backend import Extractive, UnderstandingIndex
from rag.generation import EXTRACTIVE, Backend, LlamaIndexBackend, is_llm, load_backend
from rag.settings import Settings


def make_backend(wanted: Any, index: UnderstandingIndex, settings: Settings) -> Backend:
    """The backend for a name, a LlamaIndex ``LLM``, or a backend that is one already.

    Raises:
        SettingsError: No backend has that name, or it lacks something.
        MissingExtra: It needs a part that is not installed.
    """
    if isinstance(wanted, str):
        if wanted == EXTRACTIVE:
            return Extractive(index)
        return load_backend(wanted, settings)
    if is_llm(wanted):
        return LlamaIndexBackend(wanted)
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

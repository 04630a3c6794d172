"""Reading replies whose shape nobody guarantees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Reasons to stop that mean: done. The last two are what text-generation-inference calls it.
DONE = ("stop", "eos_token", "stop_sequence")


def get(value: Any, name: str) -> Any:
    """A field of a JSON object or of the client's own objects; None where there is none."""
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)

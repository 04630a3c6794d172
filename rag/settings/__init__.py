"""Settings: what can be set, and where the values come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.settings.model import (
    BUILTIN,
    CHECKERS,
    JUDGE,
    LONGEST_QUESTION,
    LONGEST_TEXT,
    BackendSettings,
    Settings,
)

__all__ = [
    "BUILTIN",
    "CHECKERS",
    "JUDGE",
    "LONGEST_QUESTION",
    "LONGEST_TEXT",
    "BackendSettings",
    "Settings",
    "load_settings",
]


def load_settings(file: str | Path | None = None, **flags: Any) -> Settings:
    """The settings in force, weakest first: defaults, files, ``FOOTNOTE_…`` variables, flags.

    Args:
        file: A TOML file to read in place of ``footnote.toml`` in the working folder.
        **flags: Settings by name; None leaves a setting alone.

    Raises:
        SettingsError: A name is unknown (the nearest known one is named), or a value is impossible.
    """
    # pydantic-settings takes 0.1 s to import: only those who load settings pay for it.
    from rag.settings.loading import load

    return load(file, flags)

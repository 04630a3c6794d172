"""Validates a request before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from rag.errors import QuestionError, SettingsError, unknown_name
from rag.settings import LONGEST_QUESTION, Settings
from rag.types import Filters

# Half of a character in UTF-16, or a byte of an argument that is not UTF-8.
SURROGATE = re.compile(r"[\ud800-\udfff]")

FiltersLike = Filters | Mapping[str, Any] | None


def validate_question(question: str) -> str:
    """The question with single spaces and none around it.

    Raises:
        QuestionError: It is empty or longer than 2,000 characters.
    """
    asked = " ".join(question.split())
    if SURROGATE.search(asked):
        raise QuestionError("The question holds half a character. Type it again.")
    if not any(character.isalnum() for character in asked):
        raise QuestionError("The question is empty. Ask something in a few words.")
    if len(asked) > LONGEST_QUESTION:
        raise QuestionError(
            f"The question has {len(asked):,} characters; the limit is {LONGEST_QUESTION:,}. "
            "Ask a shorter one. Long texts belong in the library: footnote ingest FILE"
        )
    return asked


def validate_filters(filters: FiltersLike) -> Filters:
    """Filters, also from a mapping of their fields with days such as ``2025-02-03``.

    Raises:
        SettingsError: A field is unknown or a day does not exist.
    """
    if filters is None:
        return Filters()
    if isinstance(filters, Filters):
        return filters
    fields: dict[str, Any] = {}
    for name, value in filters.items():
        if name not in Filters.__dataclass_fields__:
            raise unknown_name("a filter", name, list(Filters.__dataclass_fields__))
        if value is None:
            continue
        if name in ("after", "before"):
            fields[name] = _day(name, value)
        else:
            fields[name] = (value,) if isinstance(value, str) else tuple(value)
    return Filters(**fields)


def _day(name: str, value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise SettingsError(f"the filter {name}", value, "a day such as 2025-02-03") from error


def apply_overrides(settings: Settings, unsupported: Literal["show", "drop"] | None) -> Settings:
    """The settings with the arguments of this question applied.

    Raises:
        SettingsError: ``unsupported`` is neither ``show`` nor ``drop``.
    """
    if unsupported is None:
        return settings
    if unsupported not in ("show", "drop"):
        raise SettingsError("unsupported", unsupported, "show or drop")
    return replace(settings, unsupported=unsupported)

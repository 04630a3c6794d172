"""Frozen dataclasses as JSON values and back, without loss, driven by the types of their fields.

Fields that an older version did not write take their defaults; fields that only a newer version
knows are ignored.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from rag.types import Sentence

Value = TypeVar("Value")


def to_jsonable(value: Any) -> Any:
    """What JSON can hold of a dataclass, a tuple, a mapping, a date or a simple value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_jsonable(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def from_jsonable(kind: type[Value], plain: Any) -> Value:
    """The dataclass that `to_jsonable` was given.

    Raises:
        ValueError: A field without a default is missing, or holds an impossible value.
    """
    try:
        return typing.cast(Value, _read(kind, plain))
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"this is not a {kind.__name__}: {error}") from error


def _read(kind: Any, plain: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        if plain is None:
            return None
        (inner,) = (part for part in typing.get_args(kind) if part is not types.NoneType)
        return _read(inner, plain)
    if origin is tuple:
        item, *_ = typing.get_args(kind)
        return tuple(_read(item, part) for part in plain)
    if isinstance(kind, type) and is_dataclass(kind):
        plain = _with_renamed_verdict(plain) if kind is Sentence else plain
        hints = _init_hints(kind)
        return kind(**{name: _read(hints[name], plain[name]) for name in hints if name in plain})
    if isinstance(kind, type) and hasattr(kind, "_fields"):
        return kind(*plain)
    return date.fromisoformat(plain) if kind is date else plain


def _with_renamed_verdict(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    """A sentence whose verdict an earlier version stored under an older name."""
    renamed = {
        "partly": "unconfirmed",
        "unsupported": "contradicted" if plain.get("citations") else "not_found",
    }
    return {**plain, "verdict": renamed.get(plain["verdict"], plain["verdict"])}


@lru_cache(maxsize=64)
def _init_hints(kind: type) -> dict[str, Any]:
    """The resolved types of the fields that the constructor takes."""
    known = {field.name for field in fields(kind) if field.init}
    return {name: hint for name, hint in typing.get_type_hints(kind).items() if name in known}

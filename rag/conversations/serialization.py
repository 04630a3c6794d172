"""Frozen values as plain JSON values and back, without loss, by the types of their fields.

A value that an older version wrote lacks fields that came later: these take their defaults. One
that a newer version wrote has more: these are passed over.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

Value = TypeVar("Value")


def to_plain(value: Any) -> Any:
    """What JSON can hold of a dataclass, a tuple, a mapping, a day or a simple value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def from_plain(kind: type[Value], plain: Any) -> Value:
    """The value of a dataclass that `to_plain` was given.

    Raises:
        ValueError: A field without default is missing, or holds something impossible.
    """
    try:
        return typing.cast(Value, _read(kind, plain))
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"this is no {kind.__name__}: {error}") from error


def _read(kind: Any, plain: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        if plain is None:
            return None
        (kept,) = (part for part in typing.get_args(kind) if part is not types.NoneType)
        return _read(kept, plain)
    if origin is tuple:
        item, *_ = typing.get_args(kind)
        return tuple(_read(item, part) for part in plain)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], plain[name]) for name in hints if name in plain})
    if isinstance(kind, type) and hasattr(kind, "_fields"):
        return kind(*plain)
    return date.fromisoformat(plain) if kind is date else plain


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    known = {field.name for field in fields(kind) if field.init}
    return {name: hint for name, hint in typing.get_type_hints(kind).items() if name in known}

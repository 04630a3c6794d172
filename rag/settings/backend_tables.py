"""Reading the ``[backends.NAME]`` tables of the settings files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from rag.errors import SettingsError, unknown_name
from rag.policy.rules import COUNTRY, LOCAL, UNKNOWN
from rag.settings.model import BackendSettings

FIELDS = tuple(field.name for field in fields(BackendSettings) if field.name != "name")
WORDS = ("base_url", "model", "folder", "location", "api_key_env", "api_version")
COUNTS = ("context", "output")
SWITCHES = ("stream", "reasons")
TIMES = (
    *("connect_timeout", "first_token_timeout"),
    *("token_timeout", "total_timeout", "patience"),
)
# A key in a file ends up in copies of it; what stands there is not repeated in the message.
KEYS = ("api_key", "key", "token", "secret", "password")


def read_tables(values: object) -> tuple[BackendSettings, ...]:
    """The user's presets.

    Raises:
        SettingsError: A field is unknown (the nearest is named), or a value impossible.
    """
    if not isinstance(values, Mapping):
        raise SettingsError("backends", values, "tables such as [backends.mine]")
    return tuple(_table(str(name), table) for name, table in values.items())


def _table(name: str, values: object) -> BackendSettings:
    where = f"backends.{name}"
    if not isinstance(values, Mapping):
        raise SettingsError(where, values, f"a table: [{where}]")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise SettingsError("a backend's name", name, "letters, digits, hyphens")
    checked: dict[str, Any] = {}
    for field, value in values.items():
        if field in KEYS:
            allowed = "in an environment variable only; name that variable with api_key_env"
            raise SettingsError(f"{where}.{field}", "…", allowed)
        if field not in FIELDS:
            raise unknown_name(f"a field of [{where}]", field, FIELDS)
        checked[field] = _value(f"{where}.{field}", field, value)
    return BackendSettings(name=name, **checked)


def from_words(table: Mapping[str, str]) -> dict[str, Any]:
    """A table whose values come as text, as the environment has them; what cannot be read stays."""
    return {field: _typed(field, text.strip()) for field, text in table.items()}


def _typed(field: str, text: str) -> Any:
    if field in SWITCHES:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    try:
        if field in COUNTS:
            return int(text)
        if field in TIMES:
            return float(text)
        return [float(part) for part in text.split(",")] if field == "price" else text
    except ValueError:
        return text


def _value(where: str, field: str, value: Any) -> Any:
    if field in WORDS:
        return _word(where, field, value)
    if field in SWITCHES:
        if not isinstance(value, bool):
            raise SettingsError(where, value, "true or false")
        return value
    if field in COUNTS:
        if not isinstance(value, int) or isinstance(value, bool) or value < 16:
            raise SettingsError(where, value, "a whole number of tokens, 16 or more")
        return value
    if field in TIMES:
        if not _is_number(value) or not 0 < value <= 86_400:
            raise SettingsError(where, value, "seconds, more than 0 and at most 86400")
        return float(value)
    if not (isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))):
        raise SettingsError(where, value, "two numbers: for a million tokens read and written")
    return (float(value[0]), float(value[1]))


def _word(where: str, field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError(where, value, "text in quotation marks")
    text = value.strip()
    if field == "location":
        if text.lower() in (LOCAL, UNKNOWN):
            return text.lower()
        if not COUNTRY.match(text):
            raise SettingsError(where, value, "'local', or the two letters of a country")
        return text.upper()
    if field == "base_url":
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(where, value, "an address such as 'http://127.0.0.1:8080/v1'")
        if parts.username or parts.password:
            raise SettingsError(where, "…", "an address without a name and password in it")
    return text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0

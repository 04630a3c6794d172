"""Reading settings: defaults, the user's file, the working folder's file, environment, flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from rag.errors import SettingsError, nearest
from rag.policy.rules import LOCAL, places
from rag.settings.backend_tables import from_words, read_tables
from rag.settings.model import BUILTIN, Settings

FILE_NAME = "footnote.toml"
PREFIX = "FOOTNOTE_"
# What the project's own tests read under the same prefix.
OF_THE_TESTS = ("test_", "shared", "screenshots")


def load_settings(file: str | Path | None = None, **flags: Any) -> Settings:
    """The settings in force, least to strongest: defaults, files, ``FOOTNOTE_…``, flags.

    Args:
        file: A TOML file to read in place of ``footnote.toml`` in the working folder.
        **flags: Settings by name; None leaves a setting alone.

    Raises:
        SettingsError: A name is unknown (the nearest known one is named) or a value impossible.
    """
    values: dict[str, Any] = {"library": platformdirs.user_data_path("footnote") / "library"}
    user_file = platformdirs.user_config_path("footnote") / FILE_NAME
    for path, required in ((user_file, False), (Path(file or FILE_NAME), file is not None)):
        found = _from_file(path, required=required)
        # Tables of both files count, field by field; a single value of the nearer file replaces.
        values["backends"] = _joined(values.get("backends", {}), found.pop("backends", {}))
        values |= found
    found = _environment()
    values["backends"] = _joined(values["backends"], found.pop("backends"))
    values |= found
    values |= {name: value for name, value in flags.items() if value is not None}
    for name in values:
        _check_name(name)
    return Settings(**_checked(values))


def _joined(farther: Any, nearer: Any) -> Any:
    if not isinstance(farther, Mapping) or not isinstance(nearer, Mapping):
        return nearer
    joined = dict(farther)
    for name, table in nearer.items():
        below = joined.get(name)
        if isinstance(below, Mapping) and isinstance(table, Mapping):
            joined[name] = {**below, **table}
        else:
            joined[name] = table
    return joined


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.is_file():
        if required:
            raise SettingsError("--settings", str(path), "the path of a TOML file")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError("the settings file", str(path), f"valid TOML ({error})") from error


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Settings))


def _check_name(name: str) -> None:
    if name in _known():
        return
    raise SettingsError("a setting's name", name, ", ".join(_known()) + nearest(name, _known()))


def _environment() -> dict[str, Any]:
    # pydantic-settings takes 0.1 s to import and some milliseconds to read: only who needs it pays.
    if not any(name.upper().startswith(PREFIX) for name in os.environ):
        return {"backends": {}}
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Environment(BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX, extra="ignore", env_nested_delimiter="__"
        )
        # FOOTNOTE_BACKENDS__MINE__BASE_URL is base_url in [backends.mine].
        backends: dict[str, dict[str, str]] | None = None
        library: str | None = None
        backend: str | None = None
        passages: int | None = None
        reranker: str | None = None
        unsupported: str | None = None
        checker: str | None = None
        text_may_go_to: str | None = None
        keep_conversations: bool | None = None

    from pydantic import ValidationError

    try:
        found = Environment().model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"FOOTNOTE_{first['loc'][0]}".upper(), first["input"], first["msg"]
        ) from error
    for name in os.environ:
        setting = name.lower().removeprefix(PREFIX.lower()).partition("__")[0]
        if name.upper().startswith(PREFIX) and not setting.startswith(OF_THE_TESTS):
            _check_name(setting)
    tables = found.pop("backends", {})
    return found | {"backends": {name: from_words(table) for name, table in tables.items()}}


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(values)
    if not str(values["library"]).strip():
        raise SettingsError("library", str(values["library"]), "the path of a folder")
    checked["library"] = Path(values["library"]).expanduser()
    backend = values.get("backend", ("extractive",))
    if isinstance(backend, str):
        backend = tuple(part.strip() for part in backend.split(",") if part.strip())
    checked["backend"] = tuple(backend)
    if not checked["backend"]:
        raise SettingsError("backend", values.get("backend"), "one or more names, comma between")
    passages = values.get("passages", 8)
    if not isinstance(passages, int) or not 1 <= passages <= 50:
        raise SettingsError("passages", passages, "a whole number from 1 to 50")
    if reranker := values.get("reranker"):
        checked["reranker"] = Path(str(reranker)).expanduser()
        if not checked["reranker"].is_dir():
            raise SettingsError("reranker", str(reranker), "the folder of a cross-encoder")
    else:
        checked["reranker"] = None
    unsupported = values.get("unsupported", "show")
    if unsupported not in ("show", "drop"):
        raise SettingsError("unsupported", unsupported, "show or drop")
    if not isinstance(values.get("checker", BUILTIN), str):
        raise SettingsError("checker", values["checker"], "builtin, judge:NAME, or a folder")
    keep = values.get("keep_conversations", True)
    if not isinstance(keep, bool):
        raise SettingsError("keep_conversations", keep, "true or false")
    checked["text_may_go_to"] = places(values.get("text_may_go_to", [LOCAL]))
    checked["backends"] = read_tables(values.get("backends", {}))
    return checked

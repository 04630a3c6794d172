"""Reads settings from files, environment and flags with pydantic-settings.

The models here check what a user wrote; a field's description is what an error message lists as
allowed. What passes becomes the plain `Settings` and `BackendSettings` of `rag.settings.model`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import SettingsError, unknown_name
from rag.policy import COUNTRY, LOCAL, UNKNOWN, parse_destinations
from rag.settings.model import CHECKERS, BackendSettings, Settings

FILE_NAME = "footnote.toml"
PREFIX = "FOOTNOTE_"
# Variables with the same prefix that the project's tests read.
TEST_VARIABLES = ("test_", "shared", "screenshots")
# A key in a file ends up in copies of the file. The error message must not repeat it.
KEY_FIELDS = ("api_key", "key", "token", "secret", "password")
KEY_ALLOWED = "in an environment variable only; name that variable with api_key_env"
# The defaults are those of `Settings`; what nobody set is not passed on to it.
UNSET: Any = None


def load(file: str | Path | None, flags: Mapping[str, Any]) -> Settings:
    """See `rag.settings.load_settings`."""
    if file is not None and not Path(file).is_file():
        raise SettingsError("--settings", str(file), "the path of a TOML file")
    _check_variable_names()
    given = {name: value for name, value in flags.items() if value is not None}
    user_file = platformdirs.user_config_path("footnote") / FILE_NAME
    try:
        found = _reading((Path(file or FILE_NAME), user_file))(**given)
    except ValidationError as error:
        raise _settings_error(error, given) from error
    values = {name: getattr(found, name) for name in found.model_fields_set}
    tables = values.pop("backends", {})
    library = values.pop("library", platformdirs.user_data_path("footnote") / "library")
    reranker = values.pop("reranker", "")
    return Settings(
        **values,
        library=Path(library).expanduser(),
        reranker=Path(reranker).expanduser() if reranker else None,
        backends=tuple(
            BackendSettings(name=name, **table.model_dump(exclude_unset=True))
            for name, table in tables.items()
        ),
    )


@lru_cache(maxsize=8)
def _reading(places: tuple[Path, ...]) -> type[SettingsSources]:
    """The sources with these files, the strongest first.

    Pydantic takes ten milliseconds to make a class, which every answer without settings would wait
    for.
    """

    class Sources(SettingsSources):
        files = places

    return Sources


def _text(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _location(text: str) -> str:
    if text.lower() in (LOCAL, UNKNOWN):
        return text.lower()
    if not COUNTRY.match(text):
        raise ValueError
    return text.upper()


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError
    if parts.username or parts.password:
        raise ValueError("an address without a name and password in it")
    return text


def _pair(value: object) -> object:
    """Two numbers from a list, or as ``0.25, 2`` from the environment."""
    if isinstance(value, str):
        try:
            return tuple(float(part) for part in value.split(","))
        except ValueError:
            return value
    return tuple(value) if isinstance(value, list) else value


def _names(value: object) -> object:
    """Names from a list or, separated by commas, from the environment or a flag."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(value) if isinstance(value, list) else value


def _path_text(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _some_path(text: str) -> str:
    if not text.strip():
        raise ValueError
    return text


def _folder(text: str) -> str:
    if text and not Path(text).expanduser().is_dir():
        raise ValueError
    return text


QUOTED = "text in quotation marks"
# It becomes part of a header that every web site reads.
CONTACT = r"^[\x21-\x27\x2a-\x7e]*$"
LANGUAGES = r"^\w+(\+\w+)*$"
HOST = r"^[0-9A-Za-z._\[\]:-]+$"
Text = Annotated[str, BeforeValidator(_text), Field(description=QUOTED)]
Tokens = Annotated[int, Field(ge=16, description="a whole number of tokens, 16 or more")]
Switch = Annotated[bool, Field(description="true or false")]
Seconds = Annotated[
    float, Field(gt=0, le=86_400, description="seconds, more than 0 and at most 86400")
]
Price = Annotated[float, Field(ge=0)]


class BackendTable(BaseModel):
    """A ``[backends.NAME]`` table, with the fields of `BackendSettings`."""

    model_config = ConfigDict(strict=True, extra="forbid")

    base_url: Annotated[
        Text,
        AfterValidator(_address),
        Field(description="an address such as 'http://127.0.0.1:8080/v1'"),
    ] = UNSET
    model: Text = UNSET
    folder: Text = UNSET
    location: Annotated[
        Text,
        AfterValidator(_location),
        Field(description="'local', or the two letters of a country"),
    ] = UNSET
    api_key_env: Text = UNSET
    api_version: Text = UNSET
    context: Tokens = UNSET
    output: Tokens = UNSET
    stream: Switch = UNSET
    reasons: Switch = UNSET
    price: Annotated[
        tuple[Price, Price],
        BeforeValidator(_pair),
        Field(description="two numbers: for a million tokens read and written"),
    ] = UNSET
    connect_timeout: Seconds = UNSET
    first_token_timeout: Seconds = UNSET
    token_timeout: Seconds = UNSET
    total_timeout: Seconds = UNSET
    patience: Seconds = UNSET


def _backend_name(name: str) -> str:
    if not name.replace("-", "").replace("_", "").isalnum():
        raise ValueError
    return name


class SettingsSources(BaseSettings):
    """The fields of `Settings`, and where their values come from."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        strict=True,
        validate_default=False,
    )
    # Strongest first.
    files: ClassVar[tuple[Path, ...]] = ()

    library: Annotated[
        str,
        BeforeValidator(_path_text),
        AfterValidator(_some_path),
        Field(description="the path of a folder"),
    ] = UNSET
    backend: Annotated[
        tuple[str, ...],
        BeforeValidator(_names),
        Field(min_length=1, description="one or more names, separated by commas"),
    ] = UNSET
    passages: Annotated[int, Field(ge=1, le=50, description="a whole number from 1 to 50")] = UNSET
    reranker: Annotated[
        str,
        BeforeValidator(_path_text),
        AfterValidator(_folder),
        Field(description="the folder of a cross-encoder"),
    ] = UNSET
    unsupported: Annotated[Literal["show", "drop"], Field(description="show or drop")] = UNSET
    checker: Annotated[str, Field(description=CHECKERS)] = UNSET
    checker_threshold: Annotated[float, Field(ge=0, le=1, description="a number from 0 to 1")] = (
        UNSET
    )
    reader: Annotated[Literal["on", "none"], Field(description="on or none")] = UNSET
    text_may_go_to: Annotated[tuple[str, ...], BeforeValidator(parse_destinations)] = UNSET
    keep_conversations: Switch = UNSET
    contact: Annotated[
        Text, Field(pattern=CONTACT, description="a mail address or the address of a page")
    ] = UNSET
    fetch_pause: Annotated[float, Field(ge=0, le=3_600, description="seconds, 0 to 3600")] = UNSET
    inside_hosts: Annotated[
        tuple[Annotated[str, Field(pattern=HOST)], ...],
        BeforeValidator(_names),
        Field(description="hosts such as 'wiki.example.org' or '127.0.0.1:8000'"),
    ] = UNSET
    reading_seconds: Seconds = UNSET
    reading_megabytes: Annotated[
        int, Field(ge=500, le=1_000_000, description="a whole number of megabytes, 500 or more")
    ] = UNSET
    recognition: Annotated[
        str, Field(pattern=LANGUAGES, description="languages such as 'eng+deu', or 'none'")
    ] = UNSET
    backends: Annotated[
        dict[Annotated[str, AfterValidator(_backend_name)], BackendTable],
        Field(description="tables such as [backends.mine]"),
    ] = UNSET

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, environment, files: tables are merged field by field, other values replaced."""
        files = (_toml_source(settings_cls, path) for path in cls.files)
        return (init_settings, _Environment(settings_cls), *files)


def _toml_source(settings_cls: type[BaseSettings], path: Path) -> TomlConfigSettingsSource:
    try:
        return TomlConfigSettingsSource(settings_cls, path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError("the settings file", str(path), f"valid TOML ({error})") from error


class _Environment(EnvSettingsSource):
    """The variables; lists may also be written with commas instead of as JSON."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            decoded = super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value
        return decoded if isinstance(decoded, list | dict) else value


def _check_variable_names() -> None:
    """Refuses variables that name no setting; pydantic-settings would ignore them."""
    for variable in os.environ:
        if variable.upper().startswith(PREFIX):
            name = variable[len(PREFIX) :].lower().partition("__")[0]
            if not name.startswith(TEST_VARIABLES) and name not in SettingsSources.model_fields:
                raise unknown_name("a setting's name", name, tuple(SettingsSources.model_fields))


def _settings_error(error: ValidationError, flags: Mapping[str, Any]) -> SettingsError:
    """The first thing that is wrong, in the user's terms."""
    problem = error.errors(include_url=False)[0]
    place = tuple(part for part in problem["loc"] if isinstance(part, str))
    name, value = place[0], problem["input"]
    written = _as_written(place[:3], flags)
    fields = SettingsSources.model_fields
    if name == "backends" and len(place) > 1:
        table = f"[backends.{place[1]}]"
        if place[2:] == ("[key]",):
            return SettingsError("a backend's name", place[1], "letters, digits, hyphens")
        if len(place) == 2:
            return SettingsError(written, value, f"a table: {table}")
        name, fields = place[2], BackendTable.model_fields
        if name in KEY_FIELDS:
            return SettingsError(written, "…", KEY_ALLOWED)
        if name not in fields:
            return unknown_name(f"a field of {table}", name, tuple(fields))
    elif name not in fields:
        return unknown_name("a setting's name", name, tuple(fields))
    if name == "base_url" and "@" in str(value):
        value = "…"
    if problem["type"] == "string_type" and name != "library":
        return SettingsError(written, value, QUOTED)
    reason = str(problem.get("ctx", {}).get("error", ""))
    return SettingsError(written, value, reason or fields[name].description or problem["msg"])


def _as_written(place: tuple[str, ...], flags: Mapping[str, Any]) -> str:
    """The name of a setting as the user wrote it: the variable's, or the one in the file."""
    variable = (PREFIX + "__".join(place)).upper()
    if place[0] not in flags and variable in map(str.upper, os.environ):
        return variable
    return ".".join(place)

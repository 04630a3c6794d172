"""How files are read where their user knows better than the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.errors import SettingsError
from rag.ingestion.fields import NAMES


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is said about files beforehand.

    Attributes:
        encoding: Of Markdown, texts and JSON; None to find it.
        mapping: By our name of a field, such as ``title``, its name or dotted path in the files.
    """

    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


def parse_mapping(written: str) -> dict[str, str]:
    """The mapping in ``title=headline,body=content.text``.

    Raises:
        SettingsError: It is not a list of pairs, or names an unknown field.
    """
    pairs = [pair.partition("=") for pair in written.split(",") if pair.strip()]
    found = {name.strip(): path.strip() for name, _, path in pairs}
    if not all(found.values()) or not found.keys() <= NAMES.keys():
        fields = ", ".join(NAMES)
        raise SettingsError("--map", written, f"FIELD=NAME,… with the fields {fields}")
    return found

"""Word lists and fitted numbers that ship with the package; each file says where it is from.

Lists are text: one entry or one row of words a line, ``#`` opens a comment. Groups of lists are
TOML, fitted numbers JSON.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


def read_text(name: str) -> str:
    """The content of a data file."""
    return (files(__name__) / name).read_text(encoding="utf-8")


@cache
def read_words(name: str) -> frozenset[str]:
    """All words of a text file, however they are spread over its lines."""
    return frozenset(word for row in read_rows(name) for word in row.split())


@cache
def read_rows(name: str) -> tuple[str, ...]:
    """The lines of a text file that are neither blank nor comments."""
    lines = (line.partition("#")[0].strip() for line in read_text(name).splitlines())
    return tuple(line for line in lines if line)


@cache
def read_word_groups(name: str) -> dict[str, frozenset[str]]:
    """The words of each key of a TOML file whose values are strings of words."""
    groups = tomllib.loads(read_text(name))
    return {key: frozenset(value.split()) for key, value in groups.items() if key != "_source"}


@cache
def read_json(name: str) -> dict[str, Any]:
    """A JSON file that holds an object. The result is shared: do not change it."""
    content: dict[str, Any] = json.loads(read_text(name))
    return content


class Outlet(NamedTuple):
    """A well-known publisher.

    Attributes:
        short: A short form that counts in lower case too; empty where there is none.
        in_questions: Whether its name is seldom anything else in a question.
    """

    name: str
    short: str
    in_questions: bool


@cache
def read_outlets() -> tuple[Outlet, ...]:
    """The well-known publishers of ``outlets.txt``."""
    found = []
    for row in read_rows("outlets.txt"):
        name, _, short = row.removesuffix("*").partition("|")
        found.append(Outlet(name.strip(), short.strip(), not row.endswith("*")))
    return tuple(found)


__all__ = [
    "Outlet",
    "read_json",
    "read_outlets",
    "read_rows",
    "read_text",
    "read_word_groups",
    "read_words",
]

"""What commands share: their options, and how they print."""

from __future__ import annotations

import io
import json
import sys
from typing import Annotated, Any

import typer


def option(flag: str, what: str, metavar: str) -> Any:
    """An option that is unset by default, which the help need not say."""
    return typer.Option(flag, help=what, metavar=metavar, show_default=False)


LibraryOption = Annotated[str | None, option("--library", "Folder of the library.", "DIR")]
SettingsOption = Annotated[str | None, option("--settings", "TOML file with settings.", "FILE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]


def write_to_any_terminal() -> None:
    """Makes characters that the terminal's encoding lacks appear as question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_json(values: dict[str, Any]) -> None:
    """One JSON object on stdout, in ASCII where the terminal may lack a character."""
    any_character = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(values, ensure_ascii=not any_character, indent=2))


def pluralize(number: int, noun: str) -> str:
    """``1 article``, ``2 articles``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_remark(text: str) -> None:
    """Prints one line on standard error, without what a terminal obeys: names may hold it."""
    typer.echo(
        "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text), err=True
    )

"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def option(flag: str, what: str, metavar: str) -> Any:
    """An option that is unset by default, which the help need not say."""
    return typer.Option(flag, help=what, metavar=metavar, show_default=False)


LibraryOption = Annotated[str | None, option("--library", "Folder of the library.", "DIR")]
SettingsOption = Annotated[str | None, option("--settings", "TOML file with settings.", "FILE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]

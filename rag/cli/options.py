"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

LibraryOption = Annotated[
    str | None,
    typer.Option("--library", help="Folder of the library.", metavar="DIR", show_default=False),
]
SettingsOption = Annotated[
    str | None,
    typer.Option("--settings", help="TOML file with settings.", metavar="FILE", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]

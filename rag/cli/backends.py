"""The command ``footnote backends``: every backend that can be named."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.terminal import JsonOption, SettingsOption, print_json
from rag.settings import load_settings


def backends(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Only these.", show_default=False)
    ] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the backends: whether each is configured, where it runs, whether it answers."""
    from rag.generation import FAMILIES, check_backends

    rows = check_backends(load_settings(settings), names=tuple(names or ()))
    if as_json:
        print_json({"backends": [row.to_dict() for row in rows]})
        return
    for row in rows:
        ready = row.configured and row.allowed and row.reachable
        typer.echo(
            f"{'ok' if ready else '--'}  {row.name:<14} {row.location:<8} "
            f"{row.model or '':<26} {row.why}"
        )
        if names:
            for model in row.models:
                typer.echo(f"      {model}")
    if not names:
        typer.echo(f"Families of open models, run by ollama: {', '.join(FAMILIES)}.")

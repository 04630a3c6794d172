"""The commands about backends: which there are, what left this machine, what may leave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.errors import LibraryBusy

LibraryOption = Annotated[
    str | None,
    typer.Option("--library", help="Folder of the library.", metavar="DIR", show_default=False),
]
SettingsOption = Annotated[
    str | None,
    typer.Option("--settings", help="TOML file with settings.", metavar="FILE", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for command in (backends, outgoing, policy):
        app.command()(command)


def backends(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Only these.", show_default=False)
    ] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what can draft answers: set up or not, where it stands, whether it answers."""
    from rag.generation import FAMILIES, check_backends
    from rag.settings import load_settings

    rows = check_backends(load_settings(settings), names=tuple(names or ()))
    if as_json:
        _print_json({"backends": [row.to_dict() for row in rows]})
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
        typer.echo(f"Open weights by family, through ollama: {', '.join(FAMILIES)}.")


def outgoing(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Show every call that left this machine: when, where to, how much, of which articles."""
    from rag.settings import load_settings

    values = _calls(load_settings(settings, library=library).library)
    if as_json:
        _print_json(values)
        return
    for call in values["outgoing"]:
        typer.echo(
            f"{call['at']}  {call['backend']} ({call['model'] or 'no model'})  {call['host']} "
            f"({call['location']})  {call['characters']:,} characters, "
            f"articles: {', '.join(call['articles']) or 'none'}"
        )
    if not values["outgoing"]:
        typer.echo("Nothing left this machine.")


def _calls(folder: Path) -> dict[str, Any]:
    """The calls, from the library or from the server that has it open."""
    from rag.retrieval import open_library

    try:
        with open_library(folder) as opened:
            return {"outgoing": [call.to_dict() for call in opened.egress_log.calls()]}
    except LibraryBusy as busy:
        if busy.address is None:
            raise
        from rag.cli import server_client

        return server_client.get(busy.address, "/api/outgoing")


def policy(
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PLACE]…",
            help="local, a country (US), a host, or anywhere; without any, the rules are shown.",
            show_default=False,
        ),
    ] = None,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    lift: Annotated[bool, typer.Option("--lift", help="Take the library's own rule away.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show or set where this library's text may go; it narrows what the settings allow."""
    from rag.retrieval import open_library
    from rag.settings import load_settings

    chosen = load_settings(settings, library=library)
    with open_library(chosen.library) as opened:
        if places or lift:
            opened.egress_log.set_rule(None if lift else places)
        rule = opened.egress_log.rule
    own = list(rule.allowed) if rule else None
    if as_json:
        _print_json({"settings": list(chosen.text_may_go_to), "library": own})
        return
    typer.echo(f"The settings allow: {', '.join(chosen.text_may_go_to)}")
    typer.echo(f"This library allows: {', '.join(own) if own else 'whatever the settings allow'}")


def _print_json(values: dict[str, Any]) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))

"""The commands about text that leaves this machine: ``footnote outgoing``, ``policy``."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.server_client import in_library
from rag.cli.terminal import JsonOption, LibraryOption, SettingsOption, print_json
from rag.settings import load_settings


def outgoing(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Show every call that left this machine: when, to whom, how much text of which articles."""
    values = in_library(
        load_settings(settings, library=library).library,
        lambda opened: {"outgoing": [call.to_dict() for call in opened.egress_log.calls()]},
        lambda server: server.get("/api/outgoing"),
    )
    if as_json:
        print_json(values)
        return
    for call in values["outgoing"]:
        typer.echo(
            f"{call['at']}  {call['backend']} ({call['model'] or 'no model'})  {call['host']} "
            f"({call['location']})  {call['characters']:,} characters, "
            f"articles: {', '.join(call['articles']) or 'none'}"
        )
    if not values["outgoing"]:
        typer.echo("Nothing left this machine.")


def policy(
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PLACE",
            help="local, a country (US), a host, or anywhere; without one, show the rules.",
            show_default=False,
        ),
    ] = None,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    lift: Annotated[bool, typer.Option("--lift", help="Remove the library's rule.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show or set where the text of this library may go, within what the settings allow."""
    from rag.retrieval import open_library

    chosen = load_settings(settings, library=library)
    with open_library(chosen.library) as opened:
        if places or lift:
            opened.egress_log.set_rule(None if lift else places)
        rule = opened.egress_log.rule
    own = list(rule.allowed) if rule else None
    if as_json:
        print_json({"settings": list(chosen.text_may_go_to), "library": own})
        return
    typer.echo(f"The settings allow: {', '.join(chosen.text_may_go_to)}")
    typer.echo(f"This library allows: {', '.join(own) if own else 'the same'}")

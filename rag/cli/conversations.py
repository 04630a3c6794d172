"""The commands about kept conversations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote as percent_encode

import typer

from rag.cli.backends import JsonOption, LibraryOption, SettingsOption
from rag.cli.delegate import or_by_server, print_json
from rag.errors import FootnoteError

if TYPE_CHECKING:
    from rag.conversations import ConversationStore

conversations = typer.Typer(help="List, show, search, rename, export and delete conversations.")

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="As the list shows it, or `last`.", show_default=False)
]
SHORT_DAY = 10


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(conversations, name="conversations")


@conversations.callback(invoke_without_command=True)
def listing_by_default(
    context: typer.Context,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists them where nothing else is asked for."""
    if context.invoked_subcommand is None:
        _list("", library, settings, as_json)
    elif library or settings or as_json:
        raise typer.BadParameter(f"options stand behind {context.invoked_subcommand!r}")


@conversations.command("list")
def listed(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List them, those that were added to last first."""
    _list("", library, settings, as_json)


@conversations.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="All of them must occur.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List those that hold all of the words, in questions, answers or cited titles."""
    _list(" ".join(words), library, settings, as_json)


@conversations.command()
def show(
    conversation: IdArgument,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print one with its footnotes, as Markdown or JSON."""
    values = _opened(conversation, library, settings)
    if as_json:
        print_json({name: value for name, value in values.items() if name != "markdown"})
    else:
        typer.echo(values["markdown"], nl=False)


@conversations.command()
def export(
    conversation: IdArgument,
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .md or .json.", show_default=False)
    ],
    library: LibraryOption = None,
    settings: SettingsOption = None,
) -> None:
    """Write one to a file, with quotes and addresses."""
    kind = target.suffix.lower()
    if kind not in (".md", ".markdown", ".json"):
        raise FootnoteError(f"The file's name must end in .md or .json: {target.name}")
    import json

    values = _opened(conversation, library, settings)
    markdown = values.pop("markdown")
    text = json.dumps(values, ensure_ascii=False, indent=2) + "\n" if kind == ".json" else markdown
    try:
        target.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise FootnoteError(f"{target} cannot be written: {error.strerror}.") from error
    typer.echo(f"Wrote {len(values['turns'])} questions to {target}")


@conversations.command()
def rename(
    conversation: IdArgument,
    title: Annotated[str, typer.Argument(help="The new title.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give one another title."""
    values = _done(
        library,
        settings,
        conversation,
        lambda kept, found: kept.rename(found, title).to_dict(),
        lambda remote, address, path: remote.patch(address, path, {"title": title}),
    )
    if as_json:
        print_json(values)
    else:
        typer.echo(f"{values['id']} is now called: {values['title']}")


@conversations.command()
def delete(
    conversation: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take one out for good."""
    if not yes:
        typer.confirm(f"Delete the conversation {conversation} for good?", abort=True, err=True)

    def here(kept: ConversationStore, found: str) -> dict[str, Any]:
        kept.delete(found)
        return {"deleted": found}

    values = _done(
        library,
        settings,
        conversation,
        here,
        lambda remote, address, path: remote.delete(address, path),
    )
    if as_json:
        print_json(values)
    else:
        typer.echo(f"Deleted {values['deleted']}.")


def _list(words: str, library: str | None, settings: str | None, as_json: bool) -> None:
    folder = _folder(library, settings)

    def here() -> dict[str, Any]:
        from rag.retrieval import open_library

        with open_library(folder) as opened:
            return {"conversations": [s.to_dict() for s in opened.conversations.search(words)]}

    path = "/api/conversations" + (f"?search={percent_encode(words)}" if words else "")
    values = or_by_server(here, lambda remote, address: remote.get(address, path))
    if as_json:
        print_json(values)
        return
    for item in values["conversations"]:
        count = f"{item['turns']} question{'' if item['turns'] == 1 else 's'}"
        typer.echo(f"{item['id']}  {item['changed'][:SHORT_DAY]}  {item['title']}  ({count})")
    if not values["conversations"]:
        typer.echo("No conversation holds these words." if words else "No conversation is kept.")


def _opened(conversation: str, library: str | None, settings: str | None) -> dict[str, Any]:
    """A conversation as JSON values, and under ``markdown`` as a text."""

    def here(kept: ConversationStore, found: str) -> dict[str, Any]:
        opened = kept.get(found)
        return {**opened.to_dict(), "markdown": opened.to_markdown()}

    return _done(
        library,
        settings,
        conversation,
        here,
        lambda remote, address, path: remote.get(address, path + "?markdown=true"),
    )


def _done(
    library: str | None,
    settings: str | None,
    conversation: str,
    here: Callable[[ConversationStore, str], dict[str, Any]],
    there: Callable[[Any, str, str], dict[str, Any]],
) -> dict[str, Any]:
    """Does something with one conversation, here or through the server."""
    folder = _folder(library, settings)

    def with_library() -> dict[str, Any]:
        from rag.retrieval import open_library

        with open_library(folder) as opened:
            kept = opened.conversations
            return here(kept, kept.resolve_id(conversation))

    path = f"/api/conversations/{percent_encode(conversation, safe='')}"
    return or_by_server(with_library, lambda remote, address: there(remote, address, path))


def _folder(library: str | None, settings: str | None) -> Path:
    from rag.settings import load_settings

    return load_settings(settings, library=library).library

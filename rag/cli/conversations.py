"""The commands about saved conversations: ``footnote conversations …``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote as percent_encode

import typer

from rag.cli.server_client import ServerClient, in_library
from rag.cli.terminal import JsonOption, LibraryOption, SettingsOption, pluralize, print_json
from rag.errors import FootnoteError
from rag.settings import load_settings

if TYPE_CHECKING:
    from rag.conversations import ConversationStore
    from rag.retrieval import Library

conversations = typer.Typer(help="List, show, search, rename, export and delete conversations.")

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="As listed, or `last`.", show_default=False)
]
# Characters of a day in an ISO time.
DAY = 10


@conversations.callback(invoke_without_command=True)
def list_by_default(
    context: typer.Context,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists the conversations if no command is given."""
    if context.invoked_subcommand is None:
        _list("", _folder(library, settings), as_json=as_json)
    elif library or settings or as_json:
        raise typer.BadParameter(f"options go after {context.invoked_subcommand!r}")


@conversations.command("list")
def list_all(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the conversations, the last used first."""
    _list("", _folder(library, settings), as_json=as_json)


@conversations.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="All of them must occur.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List conversations that contain all words in questions, answers or cited titles."""
    _list(" ".join(words), _folder(library, settings), as_json=as_json)


@conversations.command()
def show(
    conversation: IdArgument,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a conversation with its footnotes, as Markdown or JSON."""
    values = _load(conversation, _folder(library, settings))
    if as_json:
        print_json({name: value for name, value in values.items() if name != "markdown"})
    else:
        typer.echo(values["markdown"], nl=False)


@conversations.command()
def export(
    conversation: Annotated[
        str | None, typer.Argument(metavar="ID", help="As listed, or `last`.", show_default=False)
    ] = None,
    target: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Ends in .md or .json.", show_default=False),
    ] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all judged answers, as evaluation cases."),
    ] = None,
    library: LibraryOption = None,
    settings: SettingsOption = None,
) -> None:
    """Write a conversation to a file, with quotes and addresses; or all judged answers."""
    if feedback is not None:
        if conversation is not None:
            raise typer.BadParameter("--feedback writes the judgments of all conversations")
        _export_feedback(feedback, _folder(library, settings))
    elif conversation is None or target is None:
        raise typer.BadParameter("give an ID and a FILE, or --feedback FILE")
    else:
        _export(conversation, target, _folder(library, settings))


def _export_feedback(target: Path, folder: Path) -> None:
    def here(opened: Library) -> dict[str, Any]:
        cases, left_out = opened.conversations.feedback_cases()
        return {"cases": cases, "left_out": left_out}

    values = in_library(folder, here, lambda server: server.get("/api/feedback"))
    lines = [json.dumps(case, ensure_ascii=False) + "\n" for case in values["cases"]]
    _write(target, "".join(lines))
    said = f"Wrote {pluralize(len(lines), 'case')} to {target}"
    if values["left_out"]:
        said += f"; {values['left_out']} left out, as the right answer is not known"
    typer.echo(said)


def _export(conversation: str, target: Path, folder: Path) -> None:
    kind = target.suffix.lower()
    if kind not in (".md", ".markdown", ".json"):
        raise FootnoteError(f"The name of the file must end in .md or .json: {target.name}")
    values = _load(conversation, folder)
    markdown = values.pop("markdown")
    text = json.dumps(values, ensure_ascii=False, indent=2) + "\n" if kind == ".json" else markdown
    _write(target, text)
    typer.echo(f"Wrote {pluralize(len(values['turns']), 'question')} to {target}")


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise FootnoteError(f"{target} cannot be written: {error.strerror}.") from error


@conversations.command()
def rename(
    conversation: IdArgument,
    title: Annotated[str, typer.Argument(help="The new title.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rename a conversation."""
    values = _apply(
        conversation,
        _folder(library, settings),
        lambda kept, found: kept.rename(found, title).to_dict(),
        lambda server, path: server.patch(path, {"title": title}),
    )
    if as_json:
        print_json(values)
    else:
        typer.echo(f"Renamed {values['id']} to: {values['title']}")


@conversations.command()
def delete(
    conversation: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a conversation permanently."""
    if not yes:
        typer.confirm(f"Delete the conversation {conversation} permanently?", abort=True, err=True)

    def here(kept: ConversationStore, found: str) -> dict[str, Any]:
        kept.delete(found)
        return {"deleted": found}

    folder = _folder(library, settings)
    values = _apply(conversation, folder, here, lambda server, path: server.delete(path))
    if as_json:
        print_json(values)
    else:
        typer.echo(f"Deleted {values['deleted']}.")


def _list(words: str, folder: Path, *, as_json: bool) -> None:
    def here(opened: Library) -> dict[str, Any]:
        return {"conversations": [s.to_dict() for s in opened.conversations.search(words)]}

    path = "/api/conversations" + (f"?search={percent_encode(words)}" if words else "")
    values = in_library(folder, here, lambda server: server.get(path))
    if as_json:
        print_json(values)
        return
    for item in values["conversations"]:
        count = pluralize(item["turns"], "question")
        typer.echo(f"{item['id']}  {item['changed'][:DAY]}  {item['title']}  ({count})")
    if not values["conversations"]:
        typer.echo(
            "No conversation contains these words."
            if words
            else "There are no saved conversations."
        )


def _load(conversation: str, folder: Path) -> dict[str, Any]:
    """A conversation as JSON values, and under ``markdown`` as a text."""

    def here(kept: ConversationStore, found: str) -> dict[str, Any]:
        opened = kept.get(found)
        return {**opened.to_dict(), "markdown": opened.to_markdown()}

    return _apply(
        conversation, folder, here, lambda server, path: server.get(path + "?markdown=true")
    )


def _apply(
    conversation: str,
    folder: Path,
    here: Callable[[ConversationStore, str], dict[str, Any]],
    there: Callable[[ServerClient, str], dict[str, Any]],
) -> dict[str, Any]:
    """Applies a function to one conversation, here or through the server."""

    def with_library(opened: Library) -> dict[str, Any]:
        kept = opened.conversations
        return here(kept, kept.resolve_id(conversation))

    path = f"/api/conversations/{percent_encode(conversation, safe='')}"
    return in_library(folder, with_library, lambda server: there(server, path))


def _folder(library: str | None, settings: str | None) -> Path:
    return load_settings(settings, library=library).library

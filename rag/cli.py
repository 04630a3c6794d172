"""The command ``footnote``. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag import backend_commands, conversation_commands
from rag.backend_commands import JsonOption, LibraryOption, SettingsOption
from rag.errors import FootnoteError
from rag.handover import or_by_server, print_json
from rag.types import Usage

if TYPE_CHECKING:
    from rag.settings import Settings
    from rag.types import Receipt

app = typer.Typer(
    name="footnote",
    help="Answers questions from your articles, and pins every sentence to the words behind it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

BackendOption = Annotated[
    str | None,
    typer.Option(
        "--backend",
        help="What drafts the answer; several with commas are tried in order.",
        metavar="NAME",
        show_default=False,
    ),
]

UnsupportedOption = Annotated[
    str | None,
    typer.Option(
        "--unsupported",
        help="What the articles do not bear out: show it, marked, or drop it.",
        metavar="show|drop",
        show_default=False,
    ),
]

CheckerOption = Annotated[
    str | None,
    typer.Option(
        "--checker",
        help="A second check: the folder of an entailment model, or judge:NAME.",
        metavar="FOLDER|judge:NAME",
        show_default=False,
    ),
]

PlacesOption = Annotated[
    str | None,
    typer.Option(
        "--text-may-go-to",
        help="For this question; narrows what settings and library allow.",
        metavar="PLACES",
        show_default=False,
    ),
]

ConversationOption = Annotated[
    str | None,
    typer.Option(
        "--conversation",
        help="Ask within a kept conversation: its id, `last`, or `new` to begin one.",
        metavar="ID|last|new",
        show_default=False,
    ),
]

backend_commands.register(app)
conversation_commands.register(app)


def main() -> None:
    """Runs the command line; errors become one message on stderr and exit code 1."""
    for entry in entry_points(group="footnote.commands"):
        app.command(entry.name)(entry.load())
    try:
        app()
    except FootnoteError as error:
        typer.echo(f"footnote: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files or folders.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take out articles whose file is gone from a PATH.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read articles into the library; running it again takes in only what changed."""
    folder = _settings(library, settings).library
    receipt = or_by_server(
        lambda: _ingest_here(paths, folder, prune, quiet=as_json).to_dict(),
        lambda remote, address: remote.post(
            address, "/api/ingest", {"paths": remote.absolute(paths), "prune": prune}
        ),
    )
    if as_json:
        print_json(receipt)
    else:
        _print_receipt(receipt, folder)
    if receipt["failed"]:
        raise typer.Exit(1)


def _ingest_here(paths: list[str], folder: Path, prune: bool, *, quiet: bool) -> Receipt:
    from rag.ingest import ingest as ingest_paths
    from rag.progress import progress_bar

    with progress_bar("Reading articles", shown=not quiet) as progress:
        return ingest_paths(paths, library=folder, progress=progress, prune=prune)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In your own words.")],
    library: LibraryOption = None,
    backend: BackendOption = None,
    unsupported: UnsupportedOption = None,
    checker: CheckerOption = None,
    may_go_to: PlacesOption = None,
    conversation: ConversationOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question from the articles."""
    chosen = _settings(library, settings, backend=backend, unsupported=unsupported, checker=checker)

    def here() -> dict[str, Any]:
        return _ask_here(question, chosen, may_go_to, conversation)

    values = or_by_server(
        here,
        lambda remote, address: remote.post(
            address,
            "/api/ask",
            {
                "question": question,
                "backend": list(chosen.backend),
                "text_may_go_to": may_go_to,
                "unsupported": chosen.unsupported,
                "conversation": conversation,
            },
        ),
    )
    if as_json:
        print_json(values)
    else:
        _print_answer(values)


def _ask_here(
    question: str, settings: Settings, may_go_to: str | None, conversation: str | None
) -> dict[str, Any]:
    from rag.pipeline import answer

    if conversation is None:
        return answer(question, settings=settings, text_may_go_to=may_go_to).to_dict()
    from rag.continuing import answer_in
    from rag.library.library import open_library

    with open_library(settings.library) as library:
        return answer_in(
            conversation, question, library=library, settings=settings, text_may_go_to=may_go_to
        ).to_dict()


@app.command()
def articles(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List what is in the library."""
    folder = _settings(library, settings).library

    def here() -> dict[str, Any]:
        from rag.library.library import open_library

        with open_library(folder) as opened:
            return {"articles": [summary.to_dict() for summary in opened.articles()]}

    values = or_by_server(here, lambda remote, address: remote.get(address, "/api/articles"))
    if as_json:
        print_json(values)
        return
    for item in values["articles"]:
        about = " · ".join(p for p in (item["publisher"], item["author"], item["published"]) if p)
        typer.echo(f"{item['id']}  {item['title']}" + (f"  ({about})" if about else ""))
    count = len(values["articles"])
    typer.echo(f"{count} article{'' if count == 1 else 's'} in {folder}")


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="As `footnote articles` lists.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take articles out of the library."""
    folder = _settings(library, settings).library

    def here() -> dict[str, Any]:
        from rag.library.library import open_library

        with open_library(folder) as opened:
            return {"removed": list(opened.remove(ids))}

    values = or_by_server(
        here, lambda remote, address: remote.post(address, "/api/remove", {"ids": ids})
    )
    if as_json:
        print_json(values)
    else:
        count = len(values["removed"])
        typer.echo(f"Removed {count} article{'' if count == 1 else 's'}.")


@app.command()
def download_model() -> None:
    """Fetch the embedding model from Chroma's address, if its package is not installed."""
    from rag.embedding.encoder import load_encoder

    typer.echo(f"Ready: {load_encoder(allow_download=True).identity}")


@app.command()
def doctor(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Test the library, the embedder and the backends, and say the one thing to fix."""
    from rag.doctor import examine

    findings = examine(_settings(library, settings))
    if as_json:
        print_json({"findings": [f.to_dict() for f in findings], "ok": all(f.ok for f in findings)})
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FIX '}{finding.part}: {finding.message}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _settings(library: str | None, file: str | None, **flags: str | None) -> Settings:
    from rag.configure import load_settings

    return load_settings(file, library=library, **flags)


def _print_receipt(receipt: dict[str, Any], folder: Path) -> None:
    counts = [
        f"{len(receipt[what])} {what}"
        for what in ("added", "updated", "unchanged", "removed")
        if receipt[what] or what == "added"
    ]
    typer.echo(f"{', '.join(counts)} in {receipt['seconds']:.1f} s → {folder}")
    for failure in receipt["failed"]:
        typer.echo(f"Not read: {failure['origin']}: {failure['reason']}", err=True)


def _print_answer(values: dict[str, Any]) -> None:
    shown: dict[int, dict[str, Any]] = {}
    read = values["trace"].get("understood", {}).get("text", values["question"])
    if read != values["question"]:
        typer.echo(f"Read as: {read}", err=True)
    for sentence in values["sentences"]:
        marks = "".join(f"[{c['n']}]" for c in sentence["citations"])
        doubt = "" if sentence["verdict"] in ("supported", "no_claim") else f"  ⚠ {sentence['why']}"
        typer.echo(f"{sentence['text']}{' ' if marks else ''}{marks}{doubt}")
        for citation in sentence["citations"]:
            shown.setdefault(citation["n"], citation)
    if shown:
        typer.echo()
    for n, citation in sorted(shown.items()):
        about = (citation["title"], citation["publisher"], citation["published"], citation["url"])
        typer.echo(f"[{n}] {' · '.join(part for part in about if part)}")
    _print_trace(values)
    if kept := values.get("conversation"):
        typer.echo(f"Kept as question {kept['number']} of {kept['id']}.", err=True)


def _print_trace(values: dict[str, Any]) -> None:
    """Who answered, where that is worth a line: not the extractive answerer by itself."""
    trace, backend = values["trace"], values["backend"]
    if not values["complete"]:
        typer.echo("\nThe answer is not complete.", err=True)
    for line in trace["notes"]:
        typer.echo(line, err=True)
    for attempt in trace["tried"]:
        typer.echo(f"{attempt['backend']} was left: {attempt['why']}", err=True)
    if backend["name"] != "extractive" or trace["tried"] or trace["left_machine"]:
        left = ", ".join(trace["left_machine"])
        where = f"Text was sent to {left}." if left else "Nothing left this machine."
        model = f" ({backend['model']})" if backend["model"] else ""
        counted = f" {Usage(**trace['usage'])}." if trace["usage"] else ""
        typer.echo(f"Answered by {backend['name']}{model}. {where}{counted}", err=True)


if __name__ == "__main__":
    main()

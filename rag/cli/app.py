"""The command ``footnote``. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli import ask, backends, conversations
from rag.cli.backends import JsonOption, LibraryOption, SettingsOption
from rag.cli.delegate import or_by_server, print_json
from rag.errors import FootnoteError

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

ask.register(app)
backends.register(app)
conversations.register(app)


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
    from rag.ingestion import ingest as ingest_paths
    from rag.ingestion import progress_bar

    with progress_bar("Reading articles", shown=not quiet) as progress:
        return ingest_paths(paths, library=folder, progress=progress, prune=prune)


@app.command()
def articles(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List what is in the library."""
    folder = _settings(library, settings).library

    def here() -> dict[str, Any]:
        from rag.retrieval import open_library

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
        from rag.retrieval import open_library

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
    from rag.embedding import default_embedder

    typer.echo(f"Ready: {default_embedder(allow_download=True).identity}")


@app.command()
def doctor(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Test the library, the embedder and the backends, and say the one thing to fix."""
    from rag.cli.doctor import examine

    findings = examine(_settings(library, settings))
    if as_json:
        print_json({"findings": [f.to_dict() for f in findings], "ok": all(f.ok for f in findings)})
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FIX '}{finding.part}: {finding.message}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _settings(library: str | None, file: str | None, **flags: str | None) -> Settings:
    from rag.settings import load_settings

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


if __name__ == "__main__":
    main()

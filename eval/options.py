"""What the commands of the evaluation share: their options, and how they report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from eval.report import Report, write
from rag import FootnoteError

Data = Annotated[Path, typer.Option(help="Folder with the public question sets.")]
LibraryFolder = Annotated[
    Path | None, typer.Option(help="Library of the articles; filled first if it does not exist.")
]
Limit = Annotated[int | None, typer.Option(help="Ask only this many questions.", min=1)]
Out = Annotated[Path | None, typer.Option(help="Write the report to this JSON file.")]
Against = Annotated[
    Path | None, typer.Option(help="JSON of an earlier run, compared question by question.")
]
Corpus = Annotated[Path | None, typer.Option(help="Articles, instead of those in the folder.")]
Queries = Annotated[Path | None, typer.Option(help="Questions, instead of those in the folder.")]
Cache = Annotated[
    Path | None, typer.Option(help="Folder of cached vectors; by default the user's cache.")
]
Scraped = Annotated[
    Path | None, typer.Option(help="Folder with the articles that the seeds retell.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")]


@contextmanager
def errors_reported() -> Iterator[None]:
    """Prints an error of ours on stderr and exits with status 1."""
    try:
        yield
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def publish(report: Report, out: Path | None, *, as_json: bool = False) -> None:
    """Prints a report as a table or as JSON, and writes its JSON to a file where one is named.

    Raises:
        FootnoteError: The file cannot be written.
    """
    values = json.dumps(report.to_dict(), ensure_ascii=False, indent=1)
    if out is not None:
        write(out, values + "\n")
    typer.echo(values if as_json else report.table())

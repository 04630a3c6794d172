"""The commands about articles: ``footnote ingest``, ``articles`` and ``remove``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.delegate import run_or_delegate
from rag.cli.options import JsonOption, LibraryOption, SettingsOption
from rag.cli.output import pluralize, print_json
from rag.settings import load_settings

if TYPE_CHECKING:
    from rag.cli.server_client import ServerClient
    from rag.types import Receipt


# Of files that were left out for the same reason, so many are named; --json names all.
NAMED_FILES = 10


def register(app: typer.Typer) -> None:
    """Adds the commands to ``footnote``."""
    for command in (ingest, articles, remove, rebuild, compact):
        app.command()(command)


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files or folders.")],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles whose file is gone from a PATH.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Of texts, Markdown and JSON, such as cp1252; else found.")
    ] = None,
    mapping: Annotated[
        str,
        typer.Option("--map", help="Names of fields: title=headline,body=content.text."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Add articles to the library; later runs only process what has changed."""
    from rag.ingestion import parse_mapping

    folder = load_settings(settings, library=library).library
    told = {"prune": prune, "encoding": encoding, "mapping": parse_mapping(mapping)}

    def there(server: ServerClient) -> dict[str, Any]:
        from rag.cli.server_client import absolute_paths

        asked = {"paths": absolute_paths(paths), **told}
        return server.post("/api/ingest", asked)

    receipt = run_or_delegate(
        lambda: _ingest_here(paths, folder, told, quiet=as_json).to_dict(), there
    )
    if as_json:
        print_json(receipt)
    else:
        typer.echo(f"{_summary(receipt)} Library: {folder}")
        _print_remarks(receipt)
    if receipt["failed"]:
        raise typer.Exit(1)


def _ingest_here(paths: list[str], folder: Path, told: dict[str, Any], *, quiet: bool) -> Receipt:
    from rag.ingestion import ingest as ingest_paths
    from rag.ingestion import progress_bar

    with progress_bar("Adding articles", shown=not quiet) as progress:
        return ingest_paths(paths, library=folder, progress=progress, **told)


def _summary(receipt: dict[str, Any]) -> str:
    """What an ingest did, such as ``Added 5 articles, updated 1 in 2.1 s (3 unchanged).``"""
    counts = {what: len(receipt[what]) for what in ("added", "updated", "removed", "unchanged")}
    done = [f"added {pluralize(counts['added'], 'article')}"]
    done += [f"{what} {counts[what]}" for what in ("updated", "removed") if counts[what]]
    unchanged = f" ({counts['unchanged']} unchanged)" if counts["unchanged"] else ""
    text = f"{', '.join(done)} in {receipt['seconds']:.1f} s{unchanged}."
    return text[0].upper() + text[1:]


def _print_remarks(receipt: dict[str, Any]) -> None:
    """What was guessed, left out or not read; of files left out for one reason, the first few."""
    for note in receipt["notes"]:
        typer.echo(f"Note: {note['origin']}: {note['text']}", err=True)
    by_reason: dict[str, list[str]] = {}
    for item in receipt["skipped"]:
        by_reason.setdefault(item["reason"], []).append(item["origin"])
    if by_reason:
        typer.echo(f"Left out {pluralize(len(receipt['skipped']), 'file')}:", err=True)
    for reason, origins in by_reason.items():
        more = len(origins) - NAMED_FILES
        listed = ", ".join(origins[:NAMED_FILES]) + (f" and {more} more" if more > 0 else "")
        typer.echo(f"  {reason} {listed}", err=True)
    for failure in receipt["failed"]:
        typer.echo(f"Not read: {failure['origin']}: {failure['reason']}", err=True)


def articles(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the articles in the library."""
    folder = load_settings(settings, library=library).library

    def here() -> dict[str, Any]:
        from rag.retrieval import open_library

        with open_library(folder) as opened:
            return {"articles": [summary.to_dict() for summary in opened.articles()]}

    values = run_or_delegate(here, lambda server: server.get("/api/articles"))
    if as_json:
        print_json(values)
        return
    for item in values["articles"]:
        about = " · ".join(p for p in (item["publisher"], item["author"], item["published"]) if p)
        typer.echo(f"{item['id']}  {item['title']}" + (f"  ({about})" if about else ""))
    typer.echo(f"{pluralize(len(values['articles']), 'article')} in {folder}")


def remove(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="As listed by `footnote articles`.")
    ],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove articles from the library."""
    folder = load_settings(settings, library=library).library

    def here() -> dict[str, Any]:
        from rag.retrieval import open_library

        with open_library(folder) as opened:
            return {"removed": list(opened.remove(ids))}

    values = run_or_delegate(here, lambda server: server.post("/api/remove", {"ids": ids}))
    if as_json:
        print_json(values)
    else:
        typer.echo(f"Removed {pluralize(len(values['removed']), 'article')}.")


def rebuild(library: LibraryOption = None, settings: SettingsOption = None) -> None:
    """Make both search indexes again from the catalog, without embedding anything."""
    from rag.retrieval import open_library

    with open_library(load_settings(settings, library=library).library) as opened:
        opened.rebuild()
        passages = sum(summary.passages for summary in opened.articles())
        typer.echo(f"Made the search indexes again: {pluralize(passages, 'passage')}.")


def compact(library: LibraryOption = None, settings: SettingsOption = None) -> None:
    """Free the space of removed and changed articles."""
    from rag.retrieval import open_library

    folder = load_settings(settings, library=library).library
    with open_library(folder) as opened:
        before = _folder_size(folder)
        opened.compact()
    freed = max(0, before - _folder_size(folder)) / 1e6
    typer.echo(f"Freed {freed:.1f} MB in {folder}")


def _folder_size(folder: Path) -> int:
    """In bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

"""The commands about articles and their indexes: ``footnote ingest``, ``reindex`` and others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.server_client import ServerClient, absolute_paths, in_library, run_or_delegate
from rag.cli.terminal import (
    JsonOption,
    LibraryOption,
    SettingsOption,
    pluralize,
    print_json,
    print_remark,
)
from rag.errors import ArticleError, LibraryBusy
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.retrieval import Library


# In milliseconds: how soon a watched change that could not be taken in is tried again.
RETRY = 2_000


def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH|ADDRESS", help="Files, folders, web addresses.")
    ],
    library: LibraryOption = None,
    settings: SettingsOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles whose file is gone from a PATH.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Of text, Markdown and JSON, such as cp1252; else detected.")
    ] = None,
    mapping: Annotated[
        str,
        typer.Option("--map", help="Names of fields: title=headline,body=content.text."),
    ] = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running until Ctrl-C, and take in every change.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; write nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add articles to the library; later runs only process what has changed."""
    from rag.ingestion import parse_mapping

    if watch and dry_run:
        raise typer.BadParameter("a dry run ends at once.", param_hint="--watch")
    chosen = load_settings(settings, library=library)
    told = {"prune": prune or watch, "encoding": encoding, "mapping": parse_mapping(mapping)}

    def run() -> None:
        receipt = ingest_or_delegate(paths, chosen, {**told, "dry_run": dry_run}, quiet=as_json)
        show_receipt(receipt, chosen.library, as_json=as_json, dry_run=dry_run)

    if watch:
        _watch(paths, run)
    else:
        run()


def _watch(paths: list[str], run: Callable[[], None]) -> None:
    """Runs an ingest at once and after each change below the paths, until Ctrl-C.

    Raises:
        ArticleError: A path is not a file or folder.
    """
    from watchfiles import watch

    for path in paths:
        if not Path(path).exists():
            raise ArticleError(path, "Only an existing file or folder can be watched.")
    waiting = True
    # The watch begins first, so that no change falls between it and the first ingest.
    for changes in watch(*paths, rust_timeout=RETRY, yield_on_timeout=True, raise_interrupt=False):
        if changes or waiting:
            waiting = not _done(run)


def _done(run: Callable[[], None]) -> bool:
    """Whether an ingest could run; what it could not read is reported, and watching goes on."""
    try:
        run()
    except LibraryBusy as busy:
        typer.echo(f"{busy} Trying again.", err=True)
        return False
    except typer.Exit:
        pass
    return True


def ingest_or_delegate(
    paths: list[str], settings: Settings, told: dict[str, Any], *, quiet: bool
) -> dict[str, Any]:
    """The receipt of an ingest by this process, or by the server that owns the library.

    Args:
        paths: Files, folders and web addresses.
        settings: Name the library.
        told: The options of `rag.ingest`.
        quiet: Whether to hide the progress.
    """

    def here() -> dict[str, Any]:
        from rag.ingestion import ingest as ingest_paths
        from rag.ingestion import progress_bar

        with progress_bar(
            "Reading articles" if told.get("dry_run") else "Adding articles", shown=not quiet
        ) as progress:
            return ingest_paths(
                paths, library=settings.library, progress=progress, settings=settings, **told
            ).to_dict()

    def there(server: ServerClient) -> dict[str, Any]:
        return server.post("/api/ingest", {"paths": absolute_paths(paths), **told})

    return run_or_delegate(here, there)


def articles(
    library: LibraryOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the articles in the library."""
    folder = load_settings(settings, library=library).library

    values = in_library(
        folder,
        lambda opened: {"articles": [summary.to_dict() for summary in opened.articles()]},
        lambda server: server.get("/api/articles"),
    )
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

    def here(opened: Library) -> dict[str, Any]:
        removed = opened.remove(ids)
        return {"removed": list(removed), "kept_in": list(opened.conversations.holding(removed))}

    folder = load_settings(settings, library=library).library
    values = in_library(folder, here, lambda server: server.post("/api/remove", {"ids": ids}))
    if as_json:
        print_json(values)
    else:
        typer.echo(f"Removed {pluralize(len(values['removed']), 'article')}.")
        if kept := len(values.get("kept_in", ())):
            typer.echo(
                f"Passages stay in {pluralize(kept, 'kept conversation')}; "
                "footnote conversations delete ID deletes them."
            )


def rebuild(library: LibraryOption = None, settings: SettingsOption = None) -> None:
    """Rebuild both search indexes from the catalog, without embedding anything."""
    from rag.retrieval import open_library

    with open_library(load_settings(settings, library=library).library) as opened:
        opened.rebuild()
        passages = sum(summary.passages for summary in opened.articles())
        typer.echo(f"Rebuilt the search indexes: {pluralize(passages, 'passage')}.")


def reindex(
    library: LibraryOption = None,
    settings: SettingsOption = None,
    embedder: Annotated[
        str | None, typer.Option(help="all-MiniLM-L6-v2-int8 or all-MiniLM-L6-v2.", metavar="NAME")
    ] = None,
    passage_tokens: Annotated[
        int | None, typer.Option(help="Longest passage, in tokens.", metavar="N")
    ] = None,
    overlap_tokens: Annotated[
        int | None, typer.Option(help="Longest overlap of neighbours, in tokens.", metavar="N")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Cut and embed all articles again; after an interruption, the same command continues."""
    chosen = load_settings(settings, library=library)
    told = {
        "embedder": embedder,
        "passage_tokens": passage_tokens,
        "overlap_tokens": overlap_tokens,
    }
    made = _reindex_or_delegate(chosen, told, quiet=as_json)
    if as_json:
        print_json(made)
        return
    articles = pluralize(made["articles"], "article")
    passages = pluralize(made["passages"], "passage")
    typer.echo(f"Indexed {articles} again: {passages}, by {made['embedder']}.")


def _reindex_or_delegate(
    settings: Settings, told: dict[str, Any], *, quiet: bool
) -> dict[str, Any]:
    """What a reindex by this process, or by the server that owns the library, has made."""

    def here() -> dict[str, Any]:
        from rag.ingestion import progress_bar
        from rag.ingestion import reindex as reindex_library

        with progress_bar("Indexing articles", shown=not quiet) as progress:
            return reindex_library(
                settings.library, progress=progress, settings=settings, **told
            ).to_dict()

    def there(server: ServerClient) -> dict[str, Any]:
        if not quiet:
            typer.echo(f"The server at {server.address} indexes the articles again.", err=True)
        return server.post("/api/reindex", told)

    return run_or_delegate(here, there)


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


# This many of the files that were left out for the same reason are named; --json names all.
NAMED_FILES = 10


def show_receipt(
    receipt: dict[str, Any], library: Path, *, as_json: bool, dry_run: bool = False
) -> None:
    """Prints a receipt; that of a dry run says what would be done.

    Raises:
        typer.Exit: With code 1, if something could not be read.
    """
    if as_json:
        print_json(receipt)
    else:
        summary = _forecast(receipt) if dry_run else _summary(receipt)
        typer.echo(f"{summary} Library: {library}")
        _print_remarks(receipt)
    if receipt["failed"]:
        raise typer.Exit(1)


def _summary(receipt: dict[str, Any]) -> str:
    """What an ingest did, such as ``Added 5 articles, updated 1 in 2.1 s (3 unchanged).``"""
    counts = {what: len(ids) for what, ids in receipt.items() if isinstance(ids, list)}
    done = [f"added {pluralize(counts['added'], 'article')}"]
    done += [f"{what} {counts[what]}" for what in ("updated", "removed") if counts[what]]
    done += [f"grouped {counts['grouped']} with near copies"] if counts["grouped"] else []
    unchanged = f" ({counts['unchanged']} unchanged)" if counts["unchanged"] else ""
    text = f"{', '.join(done)} in {receipt['seconds']:.1f} s{unchanged}."
    return text[0].upper() + text[1:]


def _forecast(receipt: dict[str, Any]) -> str:
    """What an ingest would do, such as ``Would add 5 articles, update 1 (3 unchanged).``"""
    verbs = {"updated": "update", "removed": "remove"}
    todo = [f"Would add {pluralize(len(receipt['added']), 'article')}"]
    todo += [f"{verb} {len(receipt[what])}" for what, verb in verbs.items() if receipt[what]]
    unchanged = f" ({len(receipt['unchanged'])} unchanged)" if receipt["unchanged"] else ""
    return f"{', '.join(todo)}{unchanged}. Nothing was written."


def _print_remarks(receipt: dict[str, Any]) -> None:
    """What was guessed, left out or not read; of files left out for one reason, the first few."""
    for note in receipt["notes"]:
        print_remark(f"Note: {note['origin']}: {note['text']}")
    by_reason: dict[str, list[str]] = {}
    for item in receipt["skipped"]:
        by_reason.setdefault(item["reason"], []).append(item["origin"])
    if by_reason:
        typer.echo(f"Left out {pluralize(len(receipt['skipped']), 'file')}:", err=True)
    for reason, origins in by_reason.items():
        more = len(origins) - NAMED_FILES
        listed = ", ".join(origins[:NAMED_FILES]) + (f" and {more} more" if more > 0 else "")
        print_remark(f"  {reason} {listed}")
    for failure in receipt["failed"]:
        print_remark(f"Not read: {failure['origin']}: {failure['reason']}")

"""Keeps a library in step with folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from rag.errors import ArticleError, LibraryBusy

# In milliseconds: how soon a change that could not be taken in is tried again.
RETRY = 2_000


def watch_folders(paths: Sequence[str], run: Callable[[], None]) -> None:
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

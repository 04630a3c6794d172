"""A progress bar on a terminal; silent elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.ingestion.ingest import Progress


@contextmanager
def progress_bar(label: str, *, shown: bool = True) -> Iterator[Callable[[Progress], None]]:
    """Yields what an ingest reports to; the bar stands on stderr and goes when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[title]}", markup=True),
    )
    with Bar(
        *columns, console=console, transient=True, disable=not shown or not console.is_terminal
    ) as bar:
        task = bar.add_task(label, total=None, title="")

        def report(progress: Progress) -> None:
            from rich.markup import escape

            title = escape(progress.title[:60])
            bar.update(task, completed=progress.done, total=progress.total, title=title)

        yield report

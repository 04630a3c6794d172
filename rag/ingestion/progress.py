"""How far an ingest is, and a bar that shows it on a terminal, with the rate and the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is.

    Attributes:
        done: Articles that are stored, or were already.
        total: Articles to come in all; None while that is unknown.
        title: Of the article that was stored last.
    """

    done: int
    total: int | None
    title: str


@contextmanager
def progress_bar(label: str, *, shown: bool = True) -> Iterator[Callable[[Progress], None]]:
    """Yields what `ingest` reports to, and shows a bar on stderr if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("[dim]{task.fields[title]}", markup=True),
    )
    with Bar(
        *columns, console=console, transient=True, disable=not shown or not console.is_terminal
    ) as bar:
        task = bar.add_task(label, total=None, title="", rate="")

        def report(progress: Progress) -> None:
            from rich.markup import escape

            title, speed = escape(progress.title[:60]), bar.tasks[0].speed
            rate = f"{speed:.1f} a second" if speed else ""
            bar.update(task, completed=progress.done, total=progress.total, title=title, rate=rate)

        yield report

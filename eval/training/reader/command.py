"""The terminal's side, for ``python -m eval train-reader`` and ``python -m eval reader``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option(help="Folder with the files of claims and questions.")]


def train_reader(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder for weights, learning curve and figures.")],
    passes: Annotated[int, typer.Option(help="Passes over all texts.")] = 4,
    minutes: Annotated[float, typer.Option(help="Ends after so long at the latest.")] = 240.0,
    workers: Annotated[int, typer.Option(help="Processes of one thread each.")] = 2,
    seed: Annotated[int, typer.Option(help="Of windows, negatives and order.")] = 100,
) -> None:
    """Train the reader; hours on two cores. A run that was broken off goes on."""
    from eval.reader import table
    from eval.training.reader.train import train

    made = train(data, out, passes=passes, minutes=minutes, workers=workers, seed=seed)
    typer.echo(table(made["figures"]))
    typer.echo(f"{out / 'reader.onnx'}  sha256 {made['sha256']}")


def measure_reader(
    data: Data,
    reader: Annotated[Path | None, typer.Option(help="By default the one that ships.")] = None,
    out: Annotated[Path | None, typer.Option(help="Writes the figures as JSON.")] = None,
    drafts: Annotated[Path | None, typer.Option(help="Folder of the drafts' articles.")] = None,
) -> None:
    """M7: claims and questions about texts held out; with ``drafts`` also whole answers."""
    from eval.reader import evaluate, table
    from rag.reader import Reader, load_reader

    loaded = load_reader() if reader is None else Reader(reader)
    figures = evaluate(loaded, data)
    typer.echo(table(figures))
    if drafts is not None:
        from eval.reader_drafts import draft_figures, draft_table, judge_drafts

        figures["drafts"] = draft_figures(judge_drafts(loaded, data, drafts))
        typer.echo(draft_table(figures["drafts"]))
    if out is not None:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")

"""The commands ``python -m eval fit …``, each of which writes a file of weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval import datasets
from eval.libraries import news_library
from eval.options import Cache, Data, LibraryFolder, Limit, Scraped, errors_reported
from eval.training import answerability, answerability_data, verifier
from eval.verifier_data import load_pairs

app = typer.Typer(help="Fits the weights that the product ships.")


@app.command("answerability")
def answerability_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    cache: Cache = None,
    scraped: Scraped = None,
) -> None:
    """Whether the evidence answers a question: rag/data/answerability.json."""
    with errors_reported():
        asked = datasets.questions(data / datasets.QUERIES, limit)
        with news_library(data / datasets.CORPUS, library, cache) as opened:
            examples = answerability_data.all_examples(data, asked, opened, cache, scraped)
        path = answerability.store(answerability.Fit(examples))
    typer.echo(f"Wrote {path}.")


@app.command("verifier")
def verifier_command(
    data: Annotated[Path, typer.Option(help="Labelled pairs, JSON Lines.")],
) -> None:
    """Whether a passage supports a sentence: rag/data/verifier.json."""
    with errors_reported():
        path = verifier.store(verifier.fit(load_pairs(data)), data.name)
    typer.echo(f"Wrote {path}.")


def train_reader_command(
    data: Annotated[Path, typer.Option(help="Folder with texts, claims and questions.")],
    out: Annotated[Path, typer.Option(help="Folder for weights, learning curve and figures.")],
    passes: Annotated[int, typer.Option(help="Passes over all texts.")] = 4,
    minutes: Annotated[float, typer.Option(help="Stop after this many minutes.")] = 240.0,
    workers: Annotated[int, typer.Option(help="Processes of one thread each.")] = 2,
    rate: Annotated[float, typer.Option(help="The highest learning rate.")] = 1.2e-4,
    seed: Annotated[int, typer.Option(help="Of windows, negatives and order.")] = 100,
    start: Annotated[Path | None, typer.Option(help="An exported reader to go on from.")] = None,
) -> None:
    """Train the reader: hours on two cores; an interrupted run is continued."""
    with errors_reported():
        # It imports torch.
        from eval.training.reader.train import Settings, train

        made = train(data, out, Settings(passes, minutes, workers, rate, seed), start)
    typer.echo(f"Wrote {out / 'reader.onnx'}, sha256 {made['sha256']}.")

"""The commands over public question sets: one set of options, one way to run and to print."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import abstention, citations, clapnq, datasets, paired_comparison, retrieval, speed
from eval.datasets import Question
from eval.paired_comparison import Measured
from eval.report import write
from eval.training import answerability, answerability_data
from rag import FootnoteError, Library, open_library

Data = Annotated[Path, typer.Option(help="Folder with the public question sets.")]
LibraryFolder = Annotated[
    Path | None, typer.Option(help="Library of the articles; filled first if it is not there.")
]
Limit = Annotated[int | None, typer.Option(help="Ask only so many questions.", min=1)]
Out = Annotated[Path | None, typer.Option(help="Write everything to this JSON file.")]
Against = Annotated[
    Path | None, typer.Option(help="JSON of an earlier run, compared question by question.")
]
Corpus = Annotated[Path | None, typer.Option(help="Articles in place of those in the folder.")]
Queries = Annotated[Path | None, typer.Option(help="Questions in place of those in the folder.")]
Cache = Annotated[
    Path | None, typer.Option(help="Folder of known vectors; by default the user's cache.")
]

NewsSuite = Callable[[Sequence[Question], Library], Measured]
NEWS: Mapping[str, tuple[NewsSuite, str]] = {
    "retrieval": (retrieval.measure, "Evidence found within 2,048 tokens, and each arm by itself."),
    "abstention": (
        abstention.measure,
        "Answered or refused: questions without an answer, and with their articles hidden.",
    ),
    "citations": (citations.measure, "Precision and recall of the cited sentences."),
}


def register(app: typer.Typer) -> None:
    """Adds the commands to an app."""
    for name, (suite, told) in NEWS.items():
        app.command(name, help=told)(_news(name, suite))
    app.command("clapnq")(clapnq_command)
    app.command("gate")(gate_command)
    app.command("speed")(speed_command)


def _news(name: str, suite: NewsSuite) -> Callable[..., None]:
    def command(
        data: Data,
        library: LibraryFolder = None,
        limit: Limit = None,
        out: Out = None,
        against: Against = None,
        corpus: Corpus = None,
        queries: Queries = None,
        cache: Cache = None,
    ) -> None:
        path = queries or data / datasets.QUERIES
        with reported():
            earlier = paired_comparison.read(against)
            asked = datasets.questions(path, limit)
            articles = corpus or data / datasets.CORPUS
            with datasets.news_library(articles, library, cache) as opened:
                measured = suite(asked, opened)
                settings = settings_of(path, len(asked), opened)
                if suite is retrieval.measure:
                    more = retrieval.beside(data, articles, opened, cache, limit)
                    measured = replace(measured, leads=(*measured.leads, *more))
            finish(paired_comparison.board(name, settings, measured, earlier), out)

    return command


def clapnq_command(
    data: Data,
    limit: Limit = None,
    out: Out = None,
    against: Against = None,
    queries: Queries = None,
    cache: Cache = None,
) -> None:
    """Answering from one given passage, or refusing (CLAP NQ)."""
    path = queries or data / datasets.PASSAGES
    with reported():
        earlier = paired_comparison.read(against)
        rows = datasets.passage_questions(path, limit)
        with datasets.passage_library(rows, cache) as (opened, places):
            measured = clapnq.measure(rows, opened, places)
            settings = settings_of(path, len(rows), opened)
        finish(paired_comparison.board("clapnq", settings, measured, earlier), out)


def gate_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    cache: Cache = None,
    scraped: Annotated[
        Path | None, typer.Option(help="Folder with the articles that the seeds retell.")
    ] = None,
    fit: Annotated[bool, typer.Option("--fit", help="Write the fitted numbers.")] = False,
) -> None:
    """The gate, cross-validated; with --fit, fitted anew."""
    path = data / datasets.QUERIES
    with reported():
        asked = datasets.questions(path, limit)
        with datasets.news_library(data / datasets.CORPUS, library, cache) as opened:
            found = answerability.rows(asked, opened)
            weighed = answerability_data.rows(data, opened, cache, scraped)
            short = tuple(row for row in weighed if row.values)
            settings = settings_of(path, len(asked), opened)
        every = tuple(found[0].values)
        bare = [name for name in every if not answerability.of_publishers(name)]
        groups = answerability.crossed(found, every)
        for kind, figures in answerability.crossed(found, bare).items():
            groups[f"{kind}, without signals about publishers"] = figures
        groups |= answerability_data.crossed(short)
        finish(paired_comparison.board("gate", settings, Measured(groups), None), out)
        if fit:
            told = answerability.module(
                answerability.fit(found, every), answerability_data.fit(short)
            )
            write(answerability.NUMBERS, told)


def speed_command(
    data: Data,
    library: LibraryFolder = None,
    out: Out = None,
    cache: Cache = None,
    passages: Annotated[
        int | None, typer.Option(help="Also over a library made of so many passages.", min=1)
    ] = None,
    large: Annotated[
        Path | None, typer.Option(help="Where that library is kept; made if it is not there.")
    ] = None,
) -> None:
    """Times of searching and answering, short and long questions."""
    queries = data / datasets.QUERIES
    times: dict[str, tuple[speed.Times, ...]] = {}
    with reported(), tempfile.TemporaryDirectory() as temporary:
        place = large or Path(temporary) / "large"
        with datasets.news_library(data / datasets.CORPUS, library, cache) as small:
            times[passages_of(small)] = speed.measure(small, queries)
            if passages and not (place / "catalog.sqlite3").exists():
                speed.make_large(small, place, passages)
        if passages:
            with open_library(place) as opened:
                times[passages_of(opened)] = speed.measure(opened, queries)
        if out is not None:
            rows = {name: [row._asdict() for row in found] for name, found in times.items()}
            write(out, json.dumps({"suite": "speed", "milliseconds": rows}, indent=1) + "\n")
        typer.echo(speed.table(times))


def passages_of(library: Library) -> str:
    return f"{sum(summary.passages for summary in library.articles()):,} passages"


@contextmanager
def reported() -> Iterator[None]:
    """Prints an error in words and leaves with status 1."""
    try:
        yield
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def settings_of(path: Path, questions: int, library: Library) -> dict[str, Any]:
    return {
        "queries": path.name,
        "queries_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "questions": questions,
        "articles": len(library.articles()),
        "embedder": str(library.embedder.identity),
    }


def finish(made: paired_comparison.Board, out: Path | None) -> None:
    if out is not None:
        write(out, json.dumps(paired_comparison.to_dict(made), indent=1) + "\n")
    typer.echo(paired_comparison.table(made))

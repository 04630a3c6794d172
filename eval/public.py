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

from eval import (
    abstention,
    bench,
    citations,
    clapnq,
    gate_fitting,
    gate_short,
    retrieval,
    scoreboard,
    speed,
)
from eval.bench import Question
from eval.report import write
from eval.scoreboard import Measured
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
        path = queries or data / bench.QUERIES
        with reported():
            earlier = scoreboard.read(against)
            asked = bench.questions(path, limit)
            articles = corpus or data / bench.CORPUS
            with bench.news_library(articles, library, cache) as opened:
                measured = suite(asked, opened)
                settings = settings_of(path, len(asked), opened)
                if suite is retrieval.measure:
                    more = retrieval.beside(data, articles, opened, cache, limit)
                    measured = replace(measured, leads=(*measured.leads, *more))
            finish(scoreboard.board(name, settings, measured, earlier), out)

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
    path = queries or data / bench.PASSAGES
    with reported():
        earlier = scoreboard.read(against)
        rows = bench.passage_questions(path, limit)
        with bench.passage_library(rows, cache) as (opened, places):
            measured = clapnq.measure(rows, opened, places)
            settings = settings_of(path, len(rows), opened)
        finish(scoreboard.board("clapnq", settings, measured, earlier), out)


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
    path = data / bench.QUERIES
    with reported():
        asked = bench.questions(path, limit)
        with bench.news_library(data / bench.CORPUS, library, cache) as opened:
            found = gate_fitting.rows(asked, opened)
            weighed = gate_short.rows(data, opened, cache, scraped)
            short = tuple(row for row in weighed if row.values)
            settings = settings_of(path, len(asked), opened)
        every = tuple(found[0].values)
        bare = [name for name in every if not gate_fitting.of_publishers(name)]
        groups = gate_fitting.crossed(found, every)
        for kind, figures in gate_fitting.crossed(found, bare).items():
            groups[f"{kind}, without signals about publishers"] = figures
        groups |= gate_short.crossed(short)
        finish(scoreboard.board("gate", settings, Measured(groups), None), out)
        if fit:
            told = gate_fitting.module(gate_fitting.fit(found, every), gate_short.fit(short))
            write(gate_fitting.NUMBERS, told)


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
    queries = data / bench.QUERIES
    times: dict[str, tuple[speed.Times, ...]] = {}
    with reported(), tempfile.TemporaryDirectory() as temporary:
        place = large or Path(temporary) / "large"
        with bench.news_library(data / bench.CORPUS, library, cache) as small:
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


def finish(made: scoreboard.Board, out: Path | None) -> None:
    if out is not None:
        write(out, json.dumps(scoreboard.to_dict(made), indent=1) + "\n")
    typer.echo(scoreboard.table(made))

"""The terminal's side of the evaluation: ``python -m eval SUITE``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from eval import (
    abstention,
    bench,
    citing,
    gate_fitting,
    overhead,
    passages,
    report,
    retrieval,
    scoreboard,
    seeds,
    startup,
)
from eval.cases import load_cases
from eval.report import write
from eval.scoring import figures
from eval.verifier_command import verifier_command
from rag import FootnoteError, Library

app = typer.Typer(add_completion=False, help="Measures Footnote with questions of known answers.")


@app.command("seeds")
def seeds_command(
    library: Annotated[
        Path | None, typer.Option(help="Library to ask; by default one made of the seeds.")
    ] = None,
    cases: Annotated[Path, typer.Option(help="Question file, JSON Lines.")] = seeds.CASES,
    backend: Annotated[str, typer.Option(help="What drafts the answers.")] = "extractive",
    out: Annotated[Path | None, typer.Option(help="Write everything to this JSON file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")] = False,
    misses: Annotated[bool, typer.Option(help="List the questions that went wrong.")] = False,
) -> None:
    """Questions over a small library: evidence, citations, refusals, times."""
    try:
        made = measure(library, cases, backend)
        whole = json.dumps(report.to_dict(made), ensure_ascii=False, indent=2)
        if out is not None:
            write(out, whole + "\n")
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    print(whole if as_json else report.table(made))
    if misses and not as_json:
        print("\n" + report.misses(made.outcomes))


Data = Annotated[Path, typer.Option(help="Folder with the public question sets.")]
LibraryFolder = Annotated[
    Path | None, typer.Option(help="Library of the articles; filled first if it is not there.")
]
Limit = Annotated[int | None, typer.Option(help="Ask only so many questions.", min=1)]
Out = Annotated[Path | None, typer.Option(help="Write everything to this JSON file.")]
Against = Annotated[Path | None, typer.Option(help="JSON of an earlier run to compare with.")]
Corpus = Annotated[Path | None, typer.Option(help="Articles in place of those in the folder.")]
Queries = Annotated[Path | None, typer.Option(help="Questions in place of those in the folder.")]

NEWS_SUITES = {
    "retrieval": retrieval.measure,
    "abstention": abstention.measure,
    "citing": citing.measure,
}


@app.command("retrieval")
def retrieval_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    against: Against = None,
    corpus: Corpus = None,
    queries: Queries = None,
) -> None:
    """Evidence found within 2,048 tokens, and each arm by itself."""
    news("retrieval", data, library, limit, out, against, corpus, queries)


@app.command("abstention")
def abstention_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    against: Against = None,
    corpus: Corpus = None,
    queries: Queries = None,
) -> None:
    """Answered or refused: questions without an answer, and with their articles hidden."""
    news("abstention", data, library, limit, out, against, corpus, queries)


@app.command("citing")
def citing_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    against: Against = None,
    corpus: Corpus = None,
    queries: Queries = None,
) -> None:
    """Precision and recall of the cited sentences."""
    news("citing", data, library, limit, out, against, corpus, queries)


app.command("citations", hidden=True)(citing_command)


@app.command("gate")
def gate_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    fit: Annotated[bool, typer.Option("--fit", help="Write the fitted numbers.")] = False,
) -> None:
    """The gate for questions of several parts, cross-validated; with --fit, fitted anew."""
    path = data / bench.QUERIES
    with reported():
        asked = bench.questions(path, limit)
        with bench.news_library(data / bench.CORPUS, library) as opened:
            found = gate_fitting.rows(asked, opened)
            settings = settings_of(path, len(asked), opened)
        every = tuple(found[0].values)
        bare = [name for name in every if not gate_fitting.of_publishers(name)]
        groups = gate_fitting.crossed(found, every)
        for kind, figures in gate_fitting.crossed(found, bare).items():
            groups[f"{kind}, without signals about publishers"] = figures
        finish(scoreboard.Board("gate", settings, groups), out, None)
        if fit:
            made = gate_fitting.fit(found, every)
            write(
                gate_fitting.NUMBERS,
                gate_fitting.module(made, "python -m eval gate --fit --data DIR"),
            )


@app.command("passages")
def passages_command(
    data: Data,
    limit: Limit = None,
    out: Out = None,
    against: Against = None,
    queries: Queries = None,
) -> None:
    """Answering from one given passage, or refusing (CLAP NQ)."""
    path = queries or data / bench.PASSAGES
    with reported():
        rows = bench.passage_questions(path, limit)
        with bench.passage_library(rows) as (opened, places):
            groups = passages.measure(rows, opened, places)
            settings = settings_of(path, len(rows), opened)
        finish(scoreboard.Board("passages", settings, groups), out, against)


app.command("clapnq", hidden=True)(passages_command)


def news(
    suite: str,
    data: Path,
    library: Path | None,
    limit: int | None,
    out: Path | None,
    against: Path | None,
    corpus: Path | None,
    queries: Path | None,
) -> None:
    """Runs a suite over news articles and prints its table."""
    path = queries or data / bench.QUERIES
    with reported():
        asked = bench.questions(path, limit)
        with bench.news_library(corpus or data / bench.CORPUS, library) as opened:
            groups = NEWS_SUITES[suite](asked, opened)
            settings = settings_of(path, len(asked), opened)
        finish(scoreboard.Board(suite, settings, groups), out, against)


@contextmanager
def reported() -> Iterator[None]:
    """Prints an error in words and leaves with status 1."""
    try:
        yield
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def settings_of(path: Path, questions: int, library: Library) -> dict[str, object]:
    return {
        "queries": path.name,
        "queries_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "questions": questions,
        "articles": len(library.articles()),
        "embedder": str(library.embedder.identity),
    }


def finish(board: scoreboard.Board, out: Path | None, against: Path | None) -> None:
    earlier = scoreboard.read(against)
    if out is not None:
        write(out, json.dumps(scoreboard.to_dict(board), indent=2) + "\n")
    print(scoreboard.table(board, earlier))


app.command("verifier")(verifier_command)


@app.command("startup")
def startup_command(
    runs: Annotated[int, typer.Option(help="Times each command is started.", min=1)] = 5,
) -> None:
    """How long the command line and the page take to start."""
    try:
        print(startup.measure(runs).table())
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


@app.command("overhead")
def overhead_command(
    runs: Annotated[int, typer.Option(help="Runs of each.", min=1)] = 20,
) -> None:
    """What Footnote adds to a model's own time, on a scripted server."""
    try:
        print(overhead.measure(runs).table())
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def measure(library: Path | None, cases_file: Path, backend: str) -> report.Report:
    cases = load_cases(cases_file)
    with seeds.opened(library) as opened:
        outcomes = tuple(seeds.run(cases, opened, backend))
        return report.Report(
            suite="seeds",
            backend=backend,
            library=str(library) if library else "the seeds, ingested for this run",
            articles=len(opened.articles()),
            embedder=str(opened.embedder.identity),
            cases_file=cases_file.name,
            cases_digest=hashlib.sha256(cases_file.read_bytes()).hexdigest(),
            outcomes=outcomes,
            figures=figures(outcomes),
        )


if __name__ == "__main__":
    app(prog_name="python -m eval")

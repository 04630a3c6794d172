"""The commands ``python -m eval SUITE``; some are in `eval.public_commands` and `eval.training`."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from eval import datasets, public_commands
from eval.cases import SEEDS_CASES
from eval.libraries import SEEDS, news_library, seeds_library
from eval.options import (
    Against,
    AsJson,
    Cache,
    Corpus,
    Data,
    LibraryFolder,
    Out,
    errors_reported,
    publish,
)
from eval.report import read_report, write
from eval.suites import (
    contrasts,
    drafts,
    forms,
    overhead,
    page_load,
    pages,
    reader,
    reader_agreement,
    seeds,
    speed,
    startup,
    verifier,
    visitors,
)
from eval.training import commands
from rag import open_library

app = typer.Typer(add_completion=False, help="Measures Footnote with questions of known answers.")
public_commands.register(app)
app.add_typer(commands.app, name="fit")
app.command("train-reader")(commands.train_reader_command)


@app.command("seeds")
def seeds_command(
    library: Annotated[
        Path | None, typer.Option(help="Library to ask; by default a temporary one of the seeds.")
    ] = None,
    cases: Annotated[Path, typer.Option(help="Case file, JSON Lines.")] = SEEDS_CASES,
    corpus: Corpus = None,
    cache: Cache = None,
    backend: Annotated[str, typer.Option(help="What drafts the answers.")] = "extractive",
    out: Out = None,
    against: Against = None,
    as_json: AsJson = False,
    misses: Annotated[bool, typer.Option(help="List the questions that went wrong.")] = False,
) -> None:
    """Short questions of a case file: hits, citation recall, refusals, times."""
    with errors_reported():
        place = news_library(corpus, library, cache) if corpus else seeds_library(library)
        with place as opened:
            report = seeds.measure(cases, opened, backend=backend, folder=library)
        report = report.compared_with(read_report(against)) if against else report
        publish(report, out, as_json=as_json)
    if misses and not as_json:
        typer.echo("\n" + report.misses())


@app.command("forms")
def forms_command(out: Out = None, against: Against = None, as_json: AsJson = False) -> None:
    """Lists, comparisons, overviews and named sources over the seeds, part by part."""
    with errors_reported(), seeds_library() as library:
        report = forms.measure(forms.load(), library)
        compared = report.compared_with(read_report(against)) if against else report
        publish(compared, out, as_json=as_json)


@app.command("drafts")
def drafts_command(
    data: Annotated[Path, typer.Option(help="Labelled drafts, JSON Lines packed with gzip.")],
    library: Annotated[Path, typer.Option(help="Library of the articles that they are about.")],
    reader: Annotated[bool, typer.Option(help="Whether the trained reader takes part.")] = True,
    checker: Annotated[
        str, typer.Option(help="As in the settings, or labels: a judge that knows the labels.")
    ] = "builtin",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Answers as language models write them: verdicts on true and on false sentences."""
    with errors_reported(), open_library(library) as opened:
        report = drafts.measure(data, opened, reader=reader, checker=checker)
        publish(report, out, as_json=as_json)


@app.command("verifier")
def verifier_command(
    data: Annotated[
        Path | None, typer.Option(help="Labelled pairs of passage and claim, JSON Lines.")
    ] = None,
    out: Out = None,
    score_only: Annotated[
        Path | None, typer.Option(help="Only score these pairs, one line each, into --out.")
    ] = None,
    publish_figures: Annotated[
        bool, typer.Option("--publish", help="Store the figures that the page shows.")
    ] = False,
    articles: Annotated[
        Path, typer.Option("--seeds", help="Folder of articles whose sentences are perturbed.")
    ] = SEEDS,
    checker: Annotated[
        str, typer.Option(help="Measure a secondary verifier too: a folder, or judge:NAME.")
    ] = "builtin",
    figure: Annotated[Path | None, typer.Option(help="Draw the reliability curve, SVG.")] = None,
    limit: Annotated[int | None, typer.Option(help="Measure a sample of pairs.", min=1)] = None,
    as_json: AsJson = False,
) -> None:
    """How often the verifier errs: public pairs, controls, perturbed sentences, calibration."""
    if data is None and score_only is None:
        raise typer.BadParameter("--data FILE or --score-only FILE is needed")
    with errors_reported():
        if score_only is not None:
            lines = "".join(verifier.score_lines(score_only))
            if out is None:
                typer.echo(lines, nl=False)
            else:
                write(out, lines)
        elif data is not None:
            report = verifier.measure(data, articles=articles, checker=checker, limit=limit)
            if publish_figures:
                verifier.publish_figures(report)
            if figure is not None:
                write(figure, report.drawing())
            publish(report, out, as_json=as_json)


@app.command("contrasts")
def contrasts_command(
    data: Data,
    reader: Annotated[bool, typer.Option(help="Whether the trained reader takes part.")] = True,
    cache: Cache = None,
    out: Out = None,
) -> None:
    """True sentences and false twins about held-out texts: verdicts on both."""
    with errors_reported():
        publish(contrasts.measure(data, cache, reader=reader), out)


@app.command("people")
def people_command(
    data: Annotated[
        Path, typer.Option(help="Claims with evidence and stances, JSON Lines packed with gzip.")
    ],
    limit: Annotated[int | None, typer.Option(help="Measure a sample of pairs.", min=1)] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Agreement with people: does evidence from the web bear a claim out, wholly?"""
    with errors_reported():
        publish(reader_agreement.measure(data, limit), out, as_json=as_json)


@app.command("reader")
def reader_command(
    data: Data,
    weights: Annotated[Path | None, typer.Option(help="By default those that ship.")] = None,
    drafts: Annotated[
        Path | None, typer.Option(help="Articles of the drafts; measures whole answers too.")
    ] = None,
    out: Out = None,
) -> None:
    """How well the reader judges claims and finds answers, on texts that were held out."""
    with errors_reported():
        publish(reader.measure(data, weights, drafts), out)


@app.command("pages")
def pages_command(
    data: Annotated[Path, typer.Option(help="Pages with the text of their articles, tar file.")],
    out: Out = None,
) -> None:
    """What is kept of web pages, beside trafilatura alone."""
    with errors_reported():
        publish(pages.measure(data), out)


@app.command("speed")
def speed_command(
    data: Data,
    library: LibraryFolder = None,
    out: Out = None,
    cache: Cache = None,
    passages: Annotated[
        int | None, typer.Option(help="Also over a synthetic library of this size.", min=1)
    ] = None,
    large: Annotated[
        Path | None, typer.Option(help="Folder of that library; made if it does not exist.")
    ] = None,
) -> None:
    """Times of searching and answering, short and long questions."""
    with errors_reported(), tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        small = stack.enter_context(news_library(data / datasets.CORPUS, library, cache))
        libraries = [small]
        if passages:
            place = large or Path(temporary) / "large"
            if not (place / "catalog.sqlite3").exists():
                speed.make_large(small, place, passages)
            libraries.append(stack.enter_context(open_library(place)))
        publish(speed.measure(libraries, data / datasets.QUERIES), out)


@app.command("startup")
def startup_command(
    runs: Annotated[int, typer.Option(help="Times each command is started.", min=1)] = 5,
    out: Out = None,
) -> None:
    """How long the command line and the page take to start."""
    with errors_reported():
        publish(startup.measure(runs), out)


@app.command("overhead")
def overhead_command(
    runs: Annotated[int, typer.Option(help="Runs of each.", min=1)] = 20, out: Out = None
) -> None:
    """What Footnote adds to a model's own time, on a scripted server."""
    with errors_reported():
        publish(overhead.measure(runs), out)


@app.command("page")
def page_command(
    runs: Annotated[int, typer.Option(help="Visits in each window.", min=1)] = 3, out: Out = None
) -> None:
    """Seconds until the page is usable, and how much of it moves; needs Chromium and Playwright."""
    with errors_reported():
        publish(page_load.measure(runs), out)


@app.command("visitors")
def visitors_command(
    asking: Annotated[int, typer.Option(help="Visitors of the interface.", min=1)] = 90,
    on_page: Annotated[int, typer.Option(help="Visitors of the page.", min=0)] = 10,
    out: Out = None,
) -> None:
    """How long many visitors at once wait for a model that takes a second."""
    with errors_reported():
        publish(visitors.measure(asking, on_page), out)


if __name__ == "__main__":
    app(prog_name="python -m eval")

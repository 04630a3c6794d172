"""The terminal's side of the evaluation: ``python -m eval SUITE``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer

from eval import datasets, overhead, public, report, seeds, startup
from eval.cases import HALVES, load_cases, of_half
from eval.public import Cache, Corpus, Out, reported
from eval.report import write
from eval.scoring import figures
from eval.verifier_command import verifier_command

app = typer.Typer(add_completion=False, help="Measures Footnote with questions of known answers.")


public.register(app)


@app.command("seeds")
def seeds_command(
    library: Annotated[
        Path | None, typer.Option(help="Library to ask; by default one made of the seeds.")
    ] = None,
    cases: Annotated[Path, typer.Option(help="Question file, JSON Lines.")] = seeds.CASES,
    half: Annotated[
        str | None, typer.Option(help=f"Only one half of the questions: {' or '.join(HALVES)}.")
    ] = None,
    corpus: Corpus = None,
    cache: Cache = None,
    backend: Annotated[str, typer.Option(help="What drafts the answers.")] = "extractive",
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")] = False,
    misses: Annotated[bool, typer.Option(help="List the questions that went wrong.")] = False,
) -> None:
    """Short questions of a case file: evidence, citations, refusals, times."""
    with reported():
        asked = of_half(load_cases(cases), half)
        place = datasets.news_library(corpus, library, cache) if corpus else seeds.opened(library)
        with place as opened:
            outcomes = tuple(seeds.run(asked, opened, backend))
            made = report.Report(
                suite="seeds",
                backend=backend,
                library=str(library) if library else "made for this run",
                articles=len(opened.articles()),
                embedder=str(opened.embedder.identity),
                cases_file=cases.name + (f", {half} half" if half else ""),
                cases_digest=hashlib.sha256(cases.read_bytes()).hexdigest(),
                outcomes=outcomes,
                figures=figures(outcomes),
            )
        whole = json.dumps(report.to_dict(made), ensure_ascii=False, indent=2)
        if out is not None:
            write(out, whole + "\n")
    print(whole if as_json else report.table(made))
    if misses and not as_json:
        print("\n" + report.misses(made.outcomes))


app.command("verifier")(verifier_command)


@app.command("startup")
def startup_command(
    runs: Annotated[int, typer.Option(help="Times each command is started.", min=1)] = 5,
) -> None:
    """How long the command line and the page take to start."""
    with reported():
        print(startup.measure(runs).table())


@app.command("overhead")
def overhead_command(
    runs: Annotated[int, typer.Option(help="Runs of each.", min=1)] = 20,
) -> None:
    """What Footnote adds to a model's own time, on a scripted server."""
    with reported():
        print(overhead.measure(runs).table())


app.command("verifier")(verifier_command)


if __name__ == "__main__":
    app(prog_name="python -m eval")

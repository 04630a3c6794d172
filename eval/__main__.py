"""The terminal's side of the evaluation: ``python -m eval SUITE``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer

from eval import overhead, report, seeds, startup, verifier
from eval.cases import load_cases
from eval.scoring import figures
from rag import FootnoteError

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


@app.command("verifier")
def verifier_command(
    data: Annotated[
        Path | None, typer.Option(help="Pairs of passage, claim and label, JSON Lines.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write everything to this file.")] = None,
    score_only: Annotated[
        Path | None, typer.Option(help="Only score these pairs, one line each, into --out.")
    ] = None,
    fit: Annotated[
        bool, typer.Option(help="Only fit, and write the numbers into the project.")
    ] = False,
    publish: Annotated[bool, typer.Option(help="Store the figures that the page shows.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")] = False,
) -> None:
    """How often the check is wrong: public pairs, controls, planted errors, calibration."""
    try:
        if score_only is not None:
            lines = "".join(verifier.score_lines(score_only))
            if out is None:
                print(lines, end="")
            else:
                write(out, lines)
            return
        if data is None:
            raise typer.BadParameter("--data FILE or --score-only FILE is needed")
        if fit:
            verifier.refit(data)
            typer.echo("The fitted numbers are written; run again without --fit to measure them.")
            return
        result = verifier.run(data)
        whole = json.dumps(result.to_dict(), indent=2)
        if publish:
            verifier.publish(result)
        if out is not None:
            write(out, whole + "\n")
    except FootnoteError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    print(whole if as_json else verifier.table(result))


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


def write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FootnoteError(f"{path} cannot be written ({error.strerror}).") from error


if __name__ == "__main__":
    app(prog_name="python -m eval")

"""The command ``python -m eval verifier``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from eval import calibration, seeds, verifier
from eval.public import reported
from eval.report import write


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
    articles: Annotated[
        Path, typer.Option("--seeds", help="Folder of articles to plant errors in.")
    ] = seeds.SEEDS,
    checker: Annotated[
        str, typer.Option(help="Measure a stronger checker too: a folder, or judge:NAME.")
    ] = "builtin",
    figure: Annotated[Path | None, typer.Option(help="Draw the reliability curve, SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")] = False,
) -> None:
    """How often the check is wrong: public pairs, controls, planted errors, calibration."""
    if data is None and score_only is None:
        raise typer.BadParameter("--data FILE or --score-only FILE is needed")
    with reported():
        if score_only is not None:
            typer.echo(_scored(score_only, out), nl=False)
        elif data is not None and fit:
            verifier.refit(data)
            typer.echo("The fitted numbers are written; run again without --fit to measure them.")
        elif data is not None:
            result, other = verifier.run(data, articles=articles, checker=checker)
            found = result.to_dict() | ({"stronger": other.to_dict()} if other else {})
            whole = json.dumps(found, indent=2)
            if publish:
                verifier.publish(result)
            if figure is not None:
                write(figure, calibration.drawing(result.reliability, result.brier))
            if out is not None:
                write(out, whole + "\n")
            typer.echo(whole if as_json else verifier.table(result, other))


def _scored(pairs: Path, out: Path | None) -> str:
    """The scores, for the terminal unless they went to a file."""
    lines = "".join(verifier.score_lines(pairs))
    if out is None:
        return lines
    write(out, lines)
    return ""

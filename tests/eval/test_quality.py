"""The headline figures hold: measured values lie in the documented intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from eval.cases import FOLDER
from eval.libraries import seeds_library
from eval.metrics import Estimate
from eval.scoring import QuestionFigures
from eval.suites.seeds import measure
from folders import ROOT
from rag import Library

FIGURES = ("citation recall", "correct refusals", "false refusals")
FILES = ("seeds.jsonl", "seeds-later.jsonl")
INTERVAL = re.compile(r"(\d*\.\d+) \((\d*\.?\d+) to (\d*\.?\d+)\)")


def documented(file: str) -> dict[str, tuple[float, float, float]]:
    """Value and interval of each figure of a case file, from docs/evaluation.md."""
    found: dict[str, tuple[float, float, float]] = {}
    subject = ""
    for line in (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and line.startswith("|"):
            subject = cells[0] or subject
            values = INTERVAL.fullmatch(cells[3])
            if subject == f"`{file}`, the seeds" and values:
                value, low, high = map(float, values.groups())
                found[cells[2]] = (value, low, high)
    return found


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with seeds_library() as opened:
        yield opened


@pytest.fixture(scope="module", params=FILES)
def file(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def measured(file: str, library: Library) -> QuestionFigures:
    return measure(FOLDER / file, library).figures


@pytest.mark.parametrize("name", FIGURES)
def test_a_headline_figure_is_in_its_interval(
    file: str, measured: QuestionFigures, name: str
) -> None:
    estimate: Estimate | None = getattr(measured, name.replace(" ", "_"))
    _, low, high = documented(file)[name]
    assert estimate is not None
    assert low <= estimate.value <= high, f"{file}: {name} is {estimate.value:.3f}"


def test_every_citation_is_intact(measured: QuestionFigures) -> None:
    assert measured.citation_integrity is not None
    assert (measured.citation_integrity.value, measured.broken_citations) == (1.0, 0)


def test_the_readme_shows_the_documented_figures() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, (value, low, high) in documented("seeds.jsonl").items():
        shown = f"{100 * value:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
        assert re.search(rf"^\| {name}\b[^|]*\| {re.escape(shown)} \|", readme, re.MULTILINE), name

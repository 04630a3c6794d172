"""A run as a table for people and as plain values for JSON."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from eval import retriever_comparison
from eval.metrics import CONFIDENCE, RESAMPLES, SEED, Estimate
from eval.scoring import CUTOFFS, METHODS, Figures, Outcome
from rag import FootnoteError

# What can change a figure.
PACKAGES = ("footnote-rag", "chromadb", "llama-index-core", "numpy", "onnxruntime", "tantivy")
NAME_WIDTH = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run.

    Attributes:
        library: The folder, or what was made for the run, in words.
        articles: How many articles it holds.
        cases_file: Name of the question file.
        cases_digest: SHA-256 of its bytes.
    """

    suite: str
    backend: str
    library: str
    articles: int
    embedder: str
    cases_file: str
    cases_digest: str
    outcomes: tuple[Outcome, ...]
    figures: Figures


def to_dict(report: Report) -> dict[str, Any]:
    """All of a run as JSON values; shares in 0..1, times in milliseconds."""
    return {
        "suite": report.suite,
        "settings": {
            "backend": report.backend,
            "library": report.library,
            "articles": report.articles,
            "embedder": report.embedder,
            "cases": report.cases_file,
            "cases_sha256": report.cases_digest,
            "questions": len(report.outcomes),
            "bootstrap": {"resamples": RESAMPLES, "seed": SEED, "confidence": CONFIDENCE},
        },
        "versions": {"python": platform.python_version(), **versions()},
        "machine": platform.platform(),
        "figures": figures_dict(report.figures),
        "hybrid_leads": retriever_comparison.to_list(leads(report)),
        "cases": [case_dict(outcome) for outcome in report.outcomes],
    }


def leads(report: Report) -> tuple[retriever_comparison.Lead, ...]:
    """How the hybrid stands to its arms, over the answerable questions that could be scored."""
    answerable = [o for o in report.outcomes if o.answer is not None and o.case.answerable]
    return retriever_comparison.leads(
        report.cases_file, [outcome.gold_ranks for outcome in answerable]
    )


def versions() -> dict[str, str | None]:
    """Installed versions; None for what is not installed, such as the project in a checkout."""
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def figures_dict(figures: Figures) -> dict[str, Any]:
    def plain(estimate: Estimate | None) -> dict[str, Any] | None:
        return None if estimate is None else asdict(estimate)

    return {
        "found_in_evidence": {
            how: {str(k): plain(figures.found[how, k]) for k in CUTOFFS} for how in METHODS
        },
        "cited_sentence_hit": plain(figures.cited),
        "refusals_right": plain(figures.refused_rightly),
        "refusals_right_by_kind": {
            kind: asdict(estimate) for kind, estimate in figures.refused_by_kind.items()
        },
        "refusals_wrong": plain(figures.refused_wrongly),
        "balanced_accuracy": plain(figures.balanced),
        "citation_integrity": plain(figures.intact),
        "citations_broken": figures.broken,
        "answer_milliseconds": {
            "p50": figures.milliseconds_p50,
            "p95": figures.milliseconds_p95,
        },
    }


def case_dict(outcome: Outcome) -> dict[str, Any]:
    case, given = outcome.case, outcome.answer
    return {
        "id": case.id,
        "question": case.question,
        "kind": case.kind,
        "answerable": case.answerable,
        "scored": given is not None,
        "missed": outcome.missed,
        "refused": None if given is None else given.refused,
        "answer": None if given is None else given.text,
        "gold_ranks": dict(outcome.gold_ranks) if case.answerable and given else None,
        "milliseconds": None if given is None else round(1000 * outcome.seconds, 3),
    }


def table(report: Report) -> str:
    """The figures as lines of text."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    figures = report.figures
    unscored = [outcome for outcome in report.outcomes if outcome.answer is None]
    answerable = sum(outcome.case.answerable for outcome in report.outcomes)
    yield f"{report.articles} articles ({report.library}), backend {report.backend}"
    yield (
        f"{answerable} answerable and {len(report.outcomes) - answerable} unanswerable questions"
        f" ({report.cases_file})"
    )
    yield ""
    yield f"{'':{NAME_WIDTH}} share   95 % interval     of"
    for how in METHODS:
        for k in CUTOFFS:
            yield _row(f"found in evidence@{k}, {how}", figures.found[how, k])
    yield from retriever_comparison.lines(leads(report))
    yield _row("cited sentence holds the answer", figures.cited)
    yield _row("refused, rightly", figures.refused_rightly)
    for kind, estimate in figures.refused_by_kind.items():
        yield _row(f"  of kind {kind or 'unnamed'}", estimate)
    yield _row("refused, wrongly", figures.refused_wrongly)
    yield _row("balanced accuracy of refusing", figures.balanced)
    yield _row("citations intact", figures.intact) + f"   broken: {figures.broken}"
    yield ""
    if figures.milliseconds_p50 is None or figures.milliseconds_p95 is None:
        yield "milliseconds an answer: nothing was measured"
    else:
        yield (
            f"milliseconds an answer, warm: p50 {figures.milliseconds_p50:.1f},"
            f" p95 {figures.milliseconds_p95:.1f}"
        )
    if unscored:
        yield f"NOT SCORED and left out above: {len(unscored)} questions"
        yield from (f"  {outcome.case.id}: {outcome.unscorable}" for outcome in unscored)


def _row(name: str, estimate: Estimate | None) -> str:
    if estimate is None:
        return f"{name:{NAME_WIDTH}} nothing to measure"
    return (
        f"{name:{NAME_WIDTH}} {estimate.value:5.3f}   {estimate.low:.3f} to {estimate.high:.3f}"
        f"  {estimate.n:5}"
    )


def misses(outcomes: Sequence[Outcome]) -> str:
    """Every question that went wrong, with what was answered."""
    blocks = []
    for outcome in outcomes:
        if not outcome.missed:
            continue
        case = outcome.case
        lines = [f"{case.id} ({case.kind}) {case.question}", f"    {outcome.missed}"]
        if case.gold:
            lines.append("    gold: " + " | ".join(case.gold))
        if outcome.answer is not None:
            lines.append(f"    said: {outcome.answer.text}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) if blocks else "No misses."


def write(path: Path, text: str) -> None:
    """Writes a file.

    Raises:
        FootnoteError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FootnoteError(f"{path} cannot be written ({error.strerror}).") from error

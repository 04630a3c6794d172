"""The suite over a case file: every question is asked, and searched for by every method."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.cases import Case, load_cases
from eval.metrics import contains_any
from eval.scoring import METHODS, Outcome, citations, figures, is_intact
from eval.suites.retriever_comparison import Ranks, gold_ranks, holds_gold
from eval.suites.seeds_report import SeedsReport
from rag import BackendError, Library, QuestionError, answer

NO_GOLD = "no article of this library holds a gold phrase"


def measure(
    path: Path, library: Library, *, backend: str = "extractive", folder: Path | None = None
) -> SeedsReport:
    """Asks every question of a case file.

    Args:
        path: The case file.
        library: Where to ask.
        backend: What drafts the answers.
        folder: The library's folder as the report names it; None for a temporary library.

    Raises:
        CaseFileError: The case file is not valid.
        FootnoteError: The library or the backend cannot be used at all.
    """
    outcomes = tuple(_outcomes(load_cases(path), library, backend))
    return SeedsReport(
        suite="seeds",
        backend=backend,
        library=str(folder) if folder else "made for this run",
        articles=len(library.articles()),
        embedder=str(library.embedder.identity),
        cases_file=path.name,
        cases_digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        outcomes=outcomes,
        figures=figures(outcomes),
    )


def _outcomes(cases: Sequence[Case], library: Library, backend: str) -> Iterator[Outcome]:
    texts = [library.article(summary.source.id).text for summary in library.articles()]
    _warm_up(cases[0], library, backend)
    for case in cases:
        if case.answerable and not any(contains_any(case.gold, text) for text in texts):
            yield _unscored(case, NO_GOLD)
        else:
            yield ask(case, library, backend)


def _warm_up(case: Case, library: Library, backend: str) -> None:
    """Loads the embedder and opens the indexes, so that no question's time includes that."""
    try:
        answer(case.question, library=library, backend=backend)
    except (QuestionError, BackendError):
        return


def ask(case: Case, library: Library, backend: str) -> Outcome:
    """The outcome of one question; unscored if it cannot be asked or the backend fails."""
    started = time.perf_counter()
    try:
        given = answer(
            case.question, library=library, backend=backend, filters=filters_of(case, library)
        )
    except (QuestionError, BackendError) as error:
        return _unscored(case, str(error))
    seconds = time.perf_counter() - started
    return Outcome(
        case=case,
        answer=given,
        gold_ranks=_gold_ranks(case, library),
        intact=tuple(is_intact(citation, library) for citation in citations(given)),
        seconds=seconds,
    )


def filters_of(case: Case, library: Library) -> dict[str, tuple[str, ...]] | None:
    """The filters of a case, with the ids of this library's articles; None if it sets none."""
    ids = {summary.source.origin: summary.source.id for summary in library.articles()}
    # An origin that is not there is kept, and matches nothing.
    filters = {
        name: tuple(ids.get(each, each) if name.endswith("articles") else each for each in names)
        for name, names in case.filters.items()
    }
    return filters or None


def _unscored(case: Case, reason: str) -> Outcome:
    return Outcome(case=case, unscorable=reason, gold_ranks=dict.fromkeys(METHODS))


def _gold_ranks(case: Case, library: Library) -> Ranks:
    if not case.answerable:
        return dict.fromkeys(METHODS)
    return gold_ranks(case.question, library, holds_gold(case))

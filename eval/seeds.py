"""The suite over a small library: every question asked, searched for and looked at."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eval import arms
from eval.cases import FOLDER, Case
from eval.metrics import contains_any
from eval.scoring import METHODS, Outcome
from rag import (
    Answer,
    ArticleError,
    ArticleUnknown,
    BackendError,
    Citation,
    Library,
    QuestionError,
    answer,
    ingest,
    open_library,
)

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
CASES = FOLDER / "seeds.jsonl"

NO_GOLD = "no article of this library holds a gold phrase"


@contextmanager
def opened(folder: str | Path | None, articles: Path = SEEDS) -> Iterator[Library]:
    """The library in a folder; without one, the articles in one that is thrown away after.

    Raises:
        LibraryError: The library cannot be used.
        ArticleError: A seed cannot be read.
    """
    if folder is not None:
        with open_library(folder) as library:
            yield library
        return
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as temporary:
        if not articles.is_dir():
            told = "There are no seeds. Run this in a checkout of the project."
            raise ArticleError(articles, told)
        with open_library(temporary, create=True) as library:
            for failure in ingest(articles, library).failed:
                raise ArticleError(failure.origin, failure.reason)
            yield library


def run(cases: Sequence[Case], library: Library, backend: str | None = None) -> Iterator[Outcome]:
    """Puts every question to the library.

    Raises:
        FootnoteError: The library or the backend cannot be used at all.
    """
    texts = [library.article(summary.source.id).text for summary in library.articles()]
    warm_up(cases[0], library, backend)
    for case in cases:
        if case.answerable and not any(contains_any(case.gold, text) for text in texts):
            yield unscored(case, NO_GOLD)
        else:
            yield ask(case, library, backend)


def warm_up(case: Case, library: Library, backend: str | None) -> None:
    """Loads the embedder and opens the indexes, so that no question's time includes that."""
    try:
        answer(case.question, library=library, backend=backend)
    except (QuestionError, BackendError):
        return


def ask(case: Case, library: Library, backend: str | None) -> Outcome:
    """One question, answered and searched for by every method.

    A question that cannot be asked, or whose backend fails, is not scored.
    """
    started = time.perf_counter()
    try:
        given = answer(
            case.question, library=library, backend=backend, filters=filters_of(case, library)
        )
    except (QuestionError, BackendError) as error:
        return unscored(case, str(error))
    seconds = time.perf_counter() - started
    return Outcome(
        case=case,
        answer=given,
        gold_ranks=gold_ranks(case, library),
        intact=tuple(is_intact(citation, library) for citation in citations(given)),
        seconds=seconds,
    )


def filters_of(case: Case, library: Library) -> dict[str, tuple[str, ...]] | None:
    """The filters of a case, with the ids of this library's articles; None if it sets none."""
    if not case.filters:
        return None
    ids = {summary.source.origin: summary.source.id for summary in library.articles()}
    # An origin that is not there stays, and allows nothing.
    return {
        name: tuple(ids.get(each, each) if name.endswith("articles") else each for each in some)
        for name, some in case.filters.items()
    }


def unscored(case: Case, why: str) -> Outcome:
    return Outcome(case=case, unscorable=why, gold_ranks=dict.fromkeys(METHODS))


def gold_ranks(case: Case, library: Library) -> arms.Ranks:
    if not case.answerable:
        return dict.fromkeys(METHODS)
    return arms.ranks(case.question, library, arms.phrases(case))


def citations(given: Answer) -> list[Citation]:
    return [citation for sentence in given.sentences for citation in sentence.citations]


def is_intact(citation: Citation, library: Library) -> bool:
    """Whether the library's article says exactly the quote at the citation's place."""
    try:
        words = library.text(citation.article_id, citation.start, citation.end)
    except (ArticleUnknown, ValueError):
        return False
    return words == citation.quote

"""The commands over public question sets, which share one set of options."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from eval import datasets
from eval.datasets import Question
from eval.libraries import news_library, passage_library
from eval.options import (
    Against,
    Cache,
    Corpus,
    Data,
    LibraryFolder,
    Limit,
    Out,
    Queries,
    Scraped,
    errors_reported,
    publish,
)
from eval.report import FiguresReport, read_report
from eval.suites import abstention, answerability, citations, clapnq, retrieval, text_questions
from rag import Library

NewsSuite = Callable[[Sequence[Question], Library], FiguresReport]
NEWS_SUITES: Mapping[str, tuple[NewsSuite, str]] = {
    "retrieval": (retrieval.measure, "Evidence found within 2,048 tokens, by each search method."),
    "abstention": (
        abstention.measure,
        "Answered or refused: unanswerable questions, and answerable ones without their articles.",
    ),
    "citations": (citations.measure, "Precision and recall of the cited sentences."),
}


def register(app: typer.Typer) -> None:
    """Adds the commands to an app."""
    for name, (suite, description) in NEWS_SUITES.items():
        app.command(name, help=description)(_news_command(suite))
    app.command("clapnq")(clapnq_command)
    app.command("texts")(texts_command)
    app.command("answerability")(answerability_command)


def _news_command(suite: NewsSuite) -> Callable[..., None]:
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
        path, articles = queries or data / datasets.QUERIES, corpus or data / datasets.CORPUS
        with errors_reported():
            asked = datasets.questions(path, limit)
            with news_library(articles, library, cache) as opened:
                if suite is retrieval.measure:
                    others = retrieval.compare_on_short_questions(
                        data, articles, opened, cache, limit
                    )
                    report = retrieval.measure(asked, opened, others)
                else:
                    report = suite(asked, opened)
                settings = _settings(path, len(asked), opened)
            _finish(report, settings, out, against)

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
    path = queries or data / datasets.PASSAGES
    with errors_reported():
        rows = datasets.passage_questions(path, limit)
        with passage_library(rows, cache) as (opened, places):
            report = clapnq.measure(rows, opened, places)
            settings = _settings(path, len(rows), opened)
        _finish(report, settings, out, against)


def texts_command(
    data: Data,
    invented: Annotated[bool, typer.Option(help="The invented texts, not the published.")] = False,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    against: Against = None,
    cache: Cache = None,
) -> None:
    """Questions and near misses about short texts, over a library of all texts."""
    path = data / text_questions.FILES[invented]
    with errors_reported():
        asked = text_questions.questions(path, limit)
        with text_questions.texts_library(path, library, cache) as (opened, places):
            report = text_questions.measure(asked, opened, places)
            settings = _settings(path, len(asked), opened)
        _finish(report, settings, out, against)


def answerability_command(
    data: Data,
    library: LibraryFolder = None,
    limit: Limit = None,
    out: Out = None,
    cache: Cache = None,
    scraped: Scraped = None,
) -> None:
    """The answerability classifier, cross-validated by question."""
    path = data / datasets.QUERIES
    with errors_reported():
        asked = datasets.questions(path, limit)
        with news_library(data / datasets.CORPUS, library, cache) as opened:
            report = answerability.measure(asked, opened, data=data, cache=cache, scraped=scraped)
            settings = _settings(path, len(asked), opened)
        _finish(report, settings, out, None)


def _settings(path: Path, questions: int, library: Library) -> dict[str, Any]:
    return {
        "queries": path.name,
        "queries_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "questions": questions,
        "articles": len(library.articles()),
        "embedder": str(library.embedder.identity),
    }


def _finish(
    report: FiguresReport, settings: Mapping[str, Any], out: Path | None, against: Path | None
) -> None:
    whole = replace(report, settings=settings)
    publish(whole.compared_with(read_report(against)) if against else whole, out)

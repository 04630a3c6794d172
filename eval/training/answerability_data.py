"""Training questions of the answerability classifier, over libraries of all sizes.

Questions that name publishers ("multi-part") and all others ("single") have different features and
are fitted separately.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import datasets
from eval.cases import SEEDS_CASES, load_cases, short_news
from eval.datasets import PassageQuestion, Question
from eval.libraries import SEEDS, passage_library, seeds_library
from eval.suites.abstention import gold_articles, texts_by_article
from rag import Assessment, Filters, Library, SentenceScorer, assess

PASSAGES = 8
# Kinds of multi-part examples; the last are answerable questions without their articles.
ANSWERABLE, NATURAL, REMOVED = "answerable", "natural", "removed"
# Weight of each kind of single question, half of it on those with an answer.
SINGLE_SHARES: Mapping[str, float] = {
    "seeds": 3.0,  # five articles
    "seeds as scraped": 3.0,  # the same questions over the articles that the seeds retell
    "one passage": 1.0,  # of an encyclopedia, with a question that it answers or not
    "all passages": 1.0,  # the same questions over all of those passages
    "passage hidden": 0.3,  # the same without the passage that answers
    "among news": 1.0,  # the same with 609 news articles around them
    "news alone": 0.7,  # the same over the news alone, which do not answer them
    "news": 1.0,  # short questions about the news
}


@dataclass(frozen=True, slots=True)
class Example:
    """One question's features; ``kind`` is the sort of question, or where it was asked."""

    question: str
    kind: str
    features: Mapping[str, float]
    answerable: bool


def multi_part_examples(questions: Sequence[Question], library: Library) -> tuple[Example, ...]:
    """Every question as it is, and the answerable ones again with their articles filtered out."""
    texts = texts_by_article(library)
    found: list[Example] = []
    for question in questions:
        kind = ANSWERABLE if question.answerable else NATURAL
        found.append(_multi_part(question.text, kind, library))
        if question.answerable:
            hidden = Filters(not_articles=gold_articles(question, texts))
            found.append(_multi_part(question.text, REMOVED, library, hidden))
    return tuple(example for example in found if example.features)


def single_examples(
    data: Path, news: Library, cache: Path | None, scraped: Path | None = None
) -> tuple[Example, ...]:
    """Every question of `SINGLE_SHARES` with its features.

    Args:
        data: Folder with the public question sets.
        news: A library of the news articles.
        cache: Folder of cached vectors.
        scraped: Folder with the articles that the seeds retell.
    """
    found = (*_over_seeds(scraped), *_over_encyclopedia(data, news, cache))
    return tuple(example for example in found if example.features)


def _over_seeds(scraped: Path | None) -> Iterator[Example]:
    for kind, folder in (("seeds", SEEDS), ("seeds as scraped", scraped)):
        if folder is not None:
            with seeds_library(articles=folder) as library:
                for case in load_cases(SEEDS_CASES):
                    yield _single(case.question, kind, case.answerable, library)


def _over_encyclopedia(data: Path, news: Library, cache: Path | None) -> Iterator[Example]:
    asked = datasets.passage_questions(data / datasets.PASSAGES)
    with passage_library(asked, cache) as (library, places):
        yield from _over_passages(asked, library, places)
    for case in short_news():
        yield _single(case.question, "news", case.answerable, news)
    for question in asked:
        yield _single(question.text, "news alone", False, news)
    around = datasets.text_of(data / datasets.CORPUS)
    with passage_library(asked, cache, around) as (library, places):
        for question in asked:
            if question.passage in places:
                yield _single(question.text, "among news", question.answerable, library)


def _over_passages(
    asked: Sequence[PassageQuestion], library: Library, places: Mapping[str, str]
) -> Iterator[Example]:
    """Questions over their own passage, over all of them, and over all but their own."""
    for question in asked:
        if question.passage not in places:
            continue
        own = (places[question.passage],)
        alone = Filters(articles=own)
        yield _single(question.text, "one passage", question.answerable, library, alone)
        yield _single(question.text, "all passages", question.answerable, library)
        if question.answerable:
            hidden = Filters(not_articles=own)
            yield _single(question.text, "passage hidden", False, library, hidden)


def _multi_part(
    question: str, kind: str, library: Library, filters: Filters | None = None
) -> Example:
    found = _assessed(question, library, filters).multi_part
    return Example(question, kind, found.terms() if found else {}, kind == ANSWERABLE)


def _single(
    question: str, kind: str, answerable: bool, library: Library, filters: Filters | None = None
) -> Example:
    found = _assessed(question, library, filters).single
    return Example(question, kind, found.terms() if found else {}, answerable)


def _assessed(question: str, library: Library, filters: Filters | None) -> Assessment:
    retriever = library.retriever()
    scorer = SentenceScorer(retriever)
    return assess(retriever.parse(question), retriever, scorer, PASSAGES, filters)

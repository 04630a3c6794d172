"""Questions that the answerability model is fitted on, over libraries of all sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import datasets
from eval.cases import FOLDER, SEEDS_CASES, load_cases, short_news
from eval.datasets import PassageQuestion, Question
from eval.libraries import SEEDS, passage_library, seeds_library
from eval.suites import text_questions
from eval.suites.abstention import gold_articles, texts_by_article
from eval.suites.seeds import filters_of
from rag import Filters, FootnoteError, Library, OptionalReader, SentenceScorer, assess

PASSAGES = 8
# Weight of each kind of question, a share of it on those with an answer.
WEIGHTS: Mapping[str, float] = {
    "seeds": 1.0,  # five articles
    "seeds as scraped": 1.0,  # the same questions over the articles that the seeds retell
    "later": 1.0,  # further questions about both
    "near misses": 0.5,  # about both; none of them is answered
    "invented texts": 1.5,  # short texts of ninety genres in one library
    "published texts": 1.5,  # likewise, of news and an encyclopedia
    "one passage": 1.0,  # of an encyclopedia, with a question that it answers or not
    "news": 2.0,  # short questions about 609 news articles
    "long": 4.5,  # long questions that name publishers, about the same
    "removed": 0.7,  # those that are answered, again without the articles that do
}
# What a false refusal costs, against 1 for an answer that is none. In a large library some sentence
# nearly always seems to answer, so a false refusal counts less there. On 100 news questions that
# were in no fit, 1.6 for all kinds answers .98 and refuses .46; 0.85 for all answers .94 and
# refuses .74, but also refuses six of the 94 questions about the seeds; these costs answer .94 and
# refuse .76, and refuse none of those six.
REFUSAL_COSTS: Mapping[str, float] = {
    **dict.fromkeys(("seeds", "seeds as scraped", "later", "near misses"), 1.6),
    **dict.fromkeys(("invented texts", "published texts"), 0.85),
    **dict.fromkeys(("one passage", "long", "removed"), 1.3),
    "news": 0.6,
}
TEXTS = dict(zip(("published texts", "invented texts"), text_questions.FILES, strict=True))


@dataclass(frozen=True, slots=True)
class Example:
    """One question's features.

    Attributes:
        about: Examples with the same are never parted between fitting and judging.
        kind: One of `WEIGHTS`.
        features: As `rag.answerability.Features.values` gives them.
        unread: The same without the reader.
    """

    about: str
    kind: str
    features: Mapping[str, float | None]
    unread: Mapping[str, float | None]
    answerable: bool


class Asking:
    """Asks questions in one library and keeps their features.

    Args:
        library: Where to ask.
        reader: Reads the evidence.
    """

    def __init__(self, library: Library, reader: OptionalReader) -> None:
        self._library, self._reader = library, reader

    def example(
        self,
        question: str,
        kind: str,
        answerable: bool,
        *,
        filters: Filters | None = None,
        about: str = "",
    ) -> Example:
        """The features of one question."""
        read = self._features(question, self._reader, filters)
        unread = self._features(question, None, filters)
        return Example(about or question.casefold(), kind, read, unread, answerable)

    def _features(
        self, question: str, reader: OptionalReader | None, filters: Filters | None
    ) -> Mapping[str, float | None]:
        retriever = self._library.retriever()
        scorer = SentenceScorer(retriever, reader)
        found = assess(retriever.parse(question), retriever, scorer, PASSAGES, filters)
        if found.features is None:
            raise FootnoteError(f"The question {question!r} has no features.")
        return found.features.values()


def all_examples(
    data: Path,
    questions: Sequence[Question],
    news: Library,
    cache: Path | None = None,
    scraped: Path | None = None,
) -> tuple[Example, ...]:
    """Every question with its features.

    Args:
        data: Folder with the public question sets.
        questions: Long questions over the news.
        news: A library of the news articles.
        cache: Folder of cached vectors.
        scraped: Folder with the articles that the seeds retell.
    """
    reader = OptionalReader()
    return (
        *_over_seeds(scraped, reader),
        *_over_texts(data, cache, reader),
        *_over_passages(datasets.passage_questions(data / datasets.PASSAGES), cache, reader),
        *_over_news(questions, news, reader),
    )


def _over_seeds(scraped: Path | None, reader: OptionalReader) -> Iterator[Example]:
    files = {"later": FOLDER / "seeds-later.jsonl", "near misses": FOLDER / "near-misses.jsonl"}
    for kind, folder in (("seeds", SEEDS), ("seeds as scraped", scraped)):
        if folder is None:
            continue
        with seeds_library(articles=folder) as library:
            asking = Asking(library, reader)
            for name, path in {kind: SEEDS_CASES, **files}.items():
                for case in load_cases(path):
                    names: dict[str, Any] = filters_of(case, library) or {}
                    within = Filters(**names)
                    yield asking.example(case.question, name, case.answerable, filters=within)


def _over_texts(data: Path, cache: Path | None, reader: OptionalReader) -> Iterator[Example]:
    for kind, name in TEXTS.items():
        with text_questions.texts_library(data / name, cache=cache) as (library, places):
            asking = Asking(library, reader)
            pairs = text_questions.contrast_questions(data / name)
            for asked in (*text_questions.questions(data / name), *pairs):
                if asked.text_id in places:
                    answerable = bool(asked.answers)
                    yield asking.example(asked.text, kind, answerable, about=asked.text_id)


def _over_passages(
    asked: Sequence[PassageQuestion], cache: Path | None, reader: OptionalReader
) -> Iterator[Example]:
    with passage_library(asked, cache) as (library, places):
        asking = Asking(library, reader)
        for row in asked:
            if row.passage in places:
                own = Filters(articles=(places[row.passage],))
                yield asking.example(row.text, "one passage", row.answerable, filters=own)


def _over_news(
    questions: Sequence[Question], library: Library, reader: OptionalReader
) -> Iterator[Example]:
    asking = Asking(library, reader)
    for case in short_news():
        yield asking.example(case.question, "news", case.answerable)
    texts = texts_by_article(library)
    for question in questions:
        yield asking.example(question.text, "long", question.answerable)
        if question.answerable:
            hidden = Filters(not_articles=gold_articles(question, texts))
            yield asking.example(question.text, "removed", False, filters=hidden)

"""What the gate for short questions is fitted on: libraries of one passage to some thousands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eval import datasets, seeds
from eval.cases import half_of, load_cases, short_news
from eval.datasets import PassageQuestion
from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from eval.training import bounded_logistic
from eval.training.answerability import PASSAGES, Fit, Row, folds, regression
from rag import Filters, Library, SentenceScorer, assess

# How much the questions of each kind weigh, half of it on those with an answer.
SHARES: Mapping[str, float] = {
    "seeds": 3.0,  # five articles
    "seeds as scraped": 3.0,  # the same questions over the articles that the seeds retell
    "one passage": 1.0,  # of an encyclopedia, with a question that it answers or not
    "all passages": 1.0,  # the same questions over all of those passages
    "passage hidden": 0.3,  # ... without the one that answers
    "among news": 1.0,  # ... with 609 news articles around them
    "news alone": 0.7,  # ... over the news alone, which do not answer them
    "news": 1.0,  # short questions over the news, the tuning halves
}
# A question refused wrongly weighs this much, against 1 for one answered wrongly: the fewer there
# are to read, the more is each of them what a reader has chosen.
ANSWERING: Mapping[str, float] = {"one passage": 3.0, "seeds": 2.0, "seeds as scraped": 2.0}
ANSWERING_ELSEWHERE = 1.5
# .05 to .2 judge the questions that it was chosen on as well, and later ones a little worse.
SOFTNESS = 0.02


def rows(
    data: Path, news: Library, cache: Path | None, scraped: Path | None = None
) -> Iterator[Row]:
    """Every question of `SHARES` with its signals.

    Args:
        data: Folder with the public question sets.
        news: A library of the news articles.
        cache: Where vectors are kept.
        scraped: Folder with the articles that the seeds retell.
    """
    for kind, folder in (("seeds", seeds.SEEDS), ("seeds as scraped", scraped)):
        if folder is not None:
            with seeds.opened(None, folder) as library:
                for case in load_cases(seeds.CASES):
                    yield row(case.question, kind, case.answerable, library)
    asked = datasets.passage_questions(data / datasets.PASSAGES)
    with datasets.passage_library(asked, cache) as (library, places):
        yield from over_passages(asked, library, places)
    for case in short_news():
        kind = "news" if half_of(case.question) == "tuning" else "news, held out"
        yield row(case.question, kind, case.answerable, news)
    for question in asked:
        yield row(question.text, "news alone", False, news)
    around = datasets.text_of(data / datasets.CORPUS)
    with datasets.passage_library(asked, cache, around) as (library, places):
        for question in asked:
            if question.passage in places:
                yield row(question.text, "among news", question.answerable, library)


def over_passages(
    asked: Sequence[PassageQuestion], library: Library, places: Mapping[str, str]
) -> Iterator[Row]:
    """Questions over their own passage, over all of them, and over all but their own."""
    for question in asked:
        if question.passage not in places:
            continue
        own = (places[question.passage],)
        alone = Filters(articles=own)
        yield row(question.text, "one passage", question.answerable, library, alone)
        yield row(question.text, "all passages", question.answerable, library)
        if question.answerable:
            hidden = Filters(not_articles=own)
            yield row(question.text, "passage hidden", False, library, hidden)


def row(
    question: str, kind: str, answerable: bool, library: Library, filters: Filters | None = None
) -> Row:
    retriever = library.retriever()
    query = retriever.parse(question)
    found = assess(query, retriever, SentenceScorer(retriever), PASSAGES, filters)
    # Questions that name publishers are judged by another model.
    values = found.single.terms() if found.single else {}
    return Row(question, kind, values, answerable)


def fit(found: Sequence[Row]) -> Fit:
    """A logistic regression; at a total of 0 the weighted errors of both kinds balance."""
    known = [row for row in found if row.kind in SHARES]
    counts: dict[tuple[str, bool], int] = {}
    for each in known:
        counts[each.kind, each.answerable] = counts.get((each.kind, each.answerable), 0) + 1
    weights = [100 * SHARES[r.kind] * answering(r) / counts[r.kind, r.answerable] for r in known]
    return regression(known, weights, directions(tuple(known[0].values)), SOFTNESS)


def directions(names: Sequence[str]) -> dict[str, bounded_logistic.Bounds]:
    """Evidence may only speak for an answer, in no circumstances against it."""
    evidence = {name.split("*no ")[0] for name in names if "*no " in name}
    return {
        name: bounded_logistic.FOR if name.split("*")[0] in evidence else bounded_logistic.EITHER
        for name in names
    }


def answering(row: Row) -> float:
    return ANSWERING.get(row.kind, ANSWERING_ELSEWHERE) if row.answerable else 1.0


def crossed(found: Sequence[Row]) -> dict[str, dict[str, Estimate]]:
    """Figures by kind, on questions that had no part in the fit: ten parts, by question."""
    totals: list[tuple[Row, float]] = []
    for others, judged in folds(found):
        made = fit(others)
        totals += [(row, made.total(row.values)) for row in judged]
    figures = {}
    for kind in dict.fromkeys(row.kind for row in found):
        yes = [total for row, total in totals if row.kind == kind and row.answerable]
        no = [total for row, total in totals if row.kind == kind and not row.answerable]
        answered, refused = [total >= 0 for total in yes], [total < 0 for total in no]
        measured: dict[str, Estimate] = {}
        if yes and no:
            measured["balanced_accuracy"] = balanced_accuracy(answered, refused)
            measured["auroc"] = auroc(yes, no)
        if yes:
            measured["answered_of_answerable"] = rate(answered)
        if no:
            measured["refused_of_unanswerable"] = rate(refused)
        figures[f"short questions, {kind}"] = measured
    return figures

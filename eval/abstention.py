"""Whether Footnote answers what the articles say and refuses what they do not."""

from __future__ import annotations

from collections.abc import Sequence

from eval.bench import Question
from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from rag import Answer, Filters, Library, answer


def measure(questions: Sequence[Question], library: Library) -> dict[str, dict[str, Estimate]]:
    """Figures by group: questions that no article answers, and those whose articles are hidden."""
    titles: dict[str, list[str]] = {}
    for summary in library.articles():
        titles.setdefault(summary.source.title, []).append(summary.source.id)
    answered = [answer(q.text, library=library) for q in questions if q.answerable]
    natural = [answer(q.text, library=library) for q in questions if not q.answerable]
    removed = [
        answer(q.text, library=library, filters=Filters(not_articles=without(q, titles)))
        for q in questions
        if q.answerable
    ]
    groups = {}
    if natural:
        groups["natural"] = figures(answered, natural)
    groups["removal"] = figures(answered, removed)
    return groups


def without(question: Question, titles: dict[str, list[str]]) -> tuple[str, ...]:
    """Ids of the articles that hold the question's facts."""
    wanted = dict.fromkeys(fact.title for fact in question.facts)
    return tuple(found for title in wanted for found in titles.get(title, ()))


def figures(yes: Sequence[Answer], no: Sequence[Answer]) -> dict[str, Estimate]:
    """From answers to questions that should be answered and to those that should not."""
    answered = [not given.refused for given in yes]
    refused = [given.refused for given in no]
    return {
        "balanced_accuracy": balanced_accuracy(answered, refused),
        "answered_of_answerable": rate(answered),
        "refused_of_unanswerable": rate(refused),
        "auroc": auroc([chance(given) for given in yes], [chance(given) for given in no]),
    }


def chance(given: Answer) -> float:
    return given.trace.chance if given.trace.chance is not None else float(not given.refused)

"""Whether Footnote answers what the articles say and refuses what they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.datasets import Question, key, squeezed
from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from eval.paired_comparison import Measured
from rag import Answer, Filters, Library, answer


def measure(questions: Sequence[Question], library: Library) -> Measured:
    """Figures by group: questions that no article answers, and those whose articles are hidden."""
    shelf = shelf_of(library)
    answerable = [question for question in questions if question.answerable]
    others = [question for question in questions if not question.answerable]
    answered = [answer(q.text, library=library) for q in answerable]
    natural = [answer(q.text, library=library) for q in others]
    removed = [
        answer(q.text, library=library, filters=Filters(not_articles=without(q, shelf)))
        for q in answerable
    ]
    groups = {"natural": figures(answered, natural)} if natural else {}
    groups["removal"] = figures(answered, removed)
    said = by_question(answerable, [not given.refused for given in answered])
    kept = by_question(others, [given.refused for given in natural])
    hidden = by_question(answerable, [given.refused for given in removed])
    return Measured(
        groups,
        {
            "balanced_accuracy": [said, kept] if kept else [said, hidden],
            "answered_of_answerable": [said],
            "refused_of_unanswerable": [kept or hidden],
            "balanced_accuracy_removal": [said, hidden],
        },
    )


def by_question(questions: Sequence[Question], right: Sequence[bool]) -> dict[str, float]:
    """1 for each question that was treated rightly, else 0."""
    return {key(q.text): float(done) for q, done in zip(questions, right, strict=True)}


def shelf_of(library: Library) -> dict[str, tuple[str, str]]:
    """Title and text of each article by its id, without white space."""
    return {
        summary.source.id: (
            squeezed(summary.source.title),
            squeezed(library.article(summary.source.id).text),
        )
        for summary in library.articles()
    }


def without(question: Question, shelf: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    """Ids of the articles that the question's facts come from, and of all that hold one of them."""
    titles = {squeezed(fact.title) for fact in question.facts}
    facts = [squeezed(fact.text) for fact in question.facts]
    return tuple(
        article_id
        for article_id, (title, text) in shelf.items()
        if title in titles or any(fact in text for fact in facts)
    )


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

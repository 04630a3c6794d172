"""Whether Footnote answers what the articles say and refuses what they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.datasets import Question, key, squeezed
from eval.metrics import Estimate, auroc, balanced_accuracy, rate
from eval.report import FiguresReport
from eval.scoring import probability
from rag import Answer, Filters, Library, answer


def measure(questions: Sequence[Question], library: Library) -> FiguresReport:
    """Figures for two groups of unanswerable questions.

    ``natural`` are questions that no article answers; ``removal`` are the answerable questions
    with the articles that answer them filtered out.
    """
    texts = texts_by_article(library)
    answerable = [question for question in questions if question.answerable]
    others = [question for question in questions if not question.answerable]
    answered = [answer(q.text, library=library) for q in answerable]
    natural = [answer(q.text, library=library) for q in others]
    removed = [
        answer(q.text, library=library, filters=Filters(not_articles=gold_articles(q, texts)))
        for q in answerable
    ]
    groups = {"natural": figures(answered, natural)} if natural else {}
    groups["removal"] = figures(answered, removed)
    answers = _by_question(answerable, [not given.refused for given in answered])
    refusals = _by_question(others, [given.refused for given in natural])
    hidden = _by_question(answerable, [given.refused for given in removed])
    return FiguresReport(
        suite="abstention",
        groups=groups,
        questions={
            "balanced_accuracy": [answers, refusals] if refusals else [answers, hidden],
            "answered_of_answerable": [answers],
            "refused_of_unanswerable": [refusals or hidden],
            "balanced_accuracy_removal": [answers, hidden],
        },
    )


def texts_by_article(library: Library) -> dict[str, tuple[str, str]]:
    """Title and text of each article by its id, without white space."""
    return {
        summary.source.id: (
            squeezed(summary.source.title),
            squeezed(library.article(summary.source.id).text),
        )
        for summary in library.articles()
    }


def gold_articles(question: Question, texts: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    """Ids of the articles that the question's facts come from, and of all that hold one of them.

    Args:
        question: With its facts.
        texts: See `texts_by_article`.
    """
    titles = {squeezed(fact.title) for fact in question.facts}
    facts = [squeezed(fact.text) for fact in question.facts]
    return tuple(
        article_id
        for article_id, (title, text) in texts.items()
        if title in titles or any(fact in text for fact in facts)
    )


def figures(yes: Sequence[Answer], no: Sequence[Answer]) -> dict[str, Estimate]:
    """From the answers to answerable and to unanswerable questions."""
    answered = [not given.refused for given in yes]
    refused = [given.refused for given in no]
    return {
        "balanced_accuracy": balanced_accuracy(answered, refused),
        "answered_of_answerable": rate(answered),
        "refused_of_unanswerable": rate(refused),
        "auroc": auroc([probability(given) for given in yes], [probability(given) for given in no]),
    }


def _by_question(questions: Sequence[Question], right: Sequence[bool]) -> dict[str, float]:
    """1 for each question that was treated rightly, else 0."""
    return {key(q.text): float(done) for q, done in zip(questions, right, strict=True)}

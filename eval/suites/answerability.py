"""The answerability model, cross-validated by question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.datasets import Question
from eval.report import FiguresReport
from eval.training.answerability import cross_validate
from eval.training.answerability_data import all_examples
from rag import Library


def measure(
    questions: Sequence[Question],
    library: Library,
    *,
    data: Path,
    cache: Path | None = None,
    scraped: Path | None = None,
) -> FiguresReport:
    """Figures of fits that did not see the question, by kind of question.

    Args:
        questions: Long questions over the news.
        library: Of the news articles.
        data: Folder with the public question sets.
        cache: Folder of cached vectors.
        scraped: Folder with the articles that the seeds retell.
    """
    examples = all_examples(data, questions, library, cache, scraped)
    return FiguresReport(suite="answerability", groups=cross_validate(examples))

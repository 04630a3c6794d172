"""The answerability classifier, cross-validated by question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.datasets import Question
from eval.report import FiguresReport
from eval.training.answerability import (
    cross_validate_multi_part,
    cross_validate_single,
    is_about_publishers,
)
from eval.training.answerability_data import multi_part_examples, single_examples
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
    multi_part = multi_part_examples(questions, library)
    single = single_examples(data, library, cache, scraped)
    names = tuple(multi_part[0].features)
    groups = cross_validate_multi_part(multi_part, names)
    others = [name for name in names if not is_about_publishers(name)]
    for kind, figures in cross_validate_multi_part(multi_part, others).items():
        groups[f"{kind}, without features about publishers"] = figures
    for kind, figures in cross_validate_single(single).items():
        groups[f"single questions, {kind}"] = figures
    return FiguresReport(suite="answerability", groups=groups)

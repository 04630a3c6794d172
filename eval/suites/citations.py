"""How well the cited sentences are the ones that a question needs."""

from __future__ import annotations

from collections.abc import Sequence

from eval.datasets import Question, key, squeezed
from eval.metrics import mean, rate
from eval.report import FiguresReport
from eval.scoring import citations, is_intact
from rag import Library, answer

# Of an answer the first cited sentences count, at most this many.
MOST_QUOTES = 3


def measure(questions: Sequence[Question], library: Library) -> FiguresReport:
    """Precision over the questions that were answered, recall over all answerable ones."""
    precisions: dict[str, float] = {}
    recalls: dict[str, float] = {}
    intact: list[bool] = []
    lengths: list[float] = []
    for question in questions:
        if not question.answerable:
            continue
        cited = citations(answer(question.text, library=library))
        intact.extend(is_intact(citation, library) for citation in cited)
        quotes = list(dict.fromkeys(citation.quote for citation in cited))
        lengths.append(float(len(quotes)))
        facts = [fact.text for fact in question.facts]
        precision, recall = precision_recall(quotes[:MOST_QUOTES], facts)
        recalls[key(question.text)] = recall
        if precision is not None:
            precisions[key(question.text)] = precision
    figures = {
        "precision": mean(list(precisions.values())),
        "recall": mean(list(recalls.values())),
        "integrity": rate(intact),
        "sentences_cited": mean(lengths),
    }
    return FiguresReport(
        suite="citations",
        groups={"cited sentences": figures},
        questions={"precision": [precisions], "recall": [recalls]},
    )


def precision_recall(quotes: Sequence[str], facts: Sequence[str]) -> tuple[float | None, float]:
    """Share of the quotes that hold a fact or lie in one, and share of the facts so cited.

    Precision is None where nothing is quoted.
    """
    cited = [squeezed(quote) for quote in quotes]
    wanted = [squeezed(fact) for fact in facts]
    right = [any(one in other or other in one for other in wanted) for one in cited]
    found = [any(one in other or other in one for one in cited) for other in wanted]
    return (sum(right) / len(right) if right else None), sum(found) / len(found)

"""How well the cited sentences are the ones that a question needs."""

from __future__ import annotations

from collections.abc import Sequence

from eval.datasets import Question, key, squeezed
from eval.metrics import mean, rate
from eval.paired_comparison import Measured
from eval.seeds import citations, is_intact
from rag import Library, answer

# Only so many cited sentences of an answer are looked at.
MOST = 3


def precision_recall(quotes: Sequence[str], facts: Sequence[str]) -> tuple[float | None, float]:
    """Share of the quotes that hold a fact or lie in one, and share of the facts so met.

    Precision is None where nothing is quoted.
    """
    said = [squeezed(quote) for quote in quotes]
    wanted = [squeezed(fact) for fact in facts]
    right = [any(one in other or other in one for other in wanted) for one in said]
    met = [any(one in other or other in one for one in said) for other in wanted]
    return (sum(right) / len(right) if right else None), sum(met) / len(met)


def measure(questions: Sequence[Question], library: Library) -> Measured:
    """Precision over the questions that were answered, recall over all that can be."""
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
        precision, recall = precision_recall(quotes[:MOST], facts)
        recalls[key(question.text)] = recall
        if precision is not None:
            precisions[key(question.text)] = precision
    figures = {
        "precision": mean(list(precisions.values())),
        "recall": mean(list(recalls.values())),
        "integrity": rate(intact),
        "sentences_cited": mean(lengths),
    }
    return Measured({"cited sentences": figures}, {"precision": [precisions], "recall": [recalls]})

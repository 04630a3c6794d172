"""How much of the evidence that a question needs is found within a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.bench import Question, key, squeezed
from eval.metrics import Estimate, mean
from eval.scoreboard import Measured
from eval.scoring import METHODS
from eval.tokens import count
from rag import Evidence, Library

BUDGET = 2_048
# Passages that are asked for: more than fit the budget.
LOOKED_AT = 24


@dataclass(frozen=True, slots=True)
class Found:
    """One question's retrieval: shares in 0..1 and hits as 0 or 1."""

    recall_2048: float
    all_2048: float
    hits_at_4: float
    hits_at_10: float
    mrr_at_10: float


NAMES = tuple(Found.__dataclass_fields__)


def found(facts: Sequence[str], passages: Sequence[str], within: int) -> Found:
    """The figures of one question.

    Args:
        facts: What is needed, at least one.
        passages: Ranked passages.
        within: How many of them fit the budget.
    """
    wanted = [squeezed(fact) for fact in facts]
    texts = [squeezed(passage) for passage in passages]
    hits = [any(fact in text for fact in wanted) for text in texts[:10]]
    first = hits.index(True) + 1 if True in hits else None
    recall = sum(any(fact in text for text in texts[:within]) for fact in wanted) / len(wanted)
    return Found(
        recall,
        float(recall == 1.0),
        float(first is not None and first <= 4),
        float(first is not None),
        1.0 / first if first else 0.0,
    )


def fitting(sizes: Sequence[int], budget: int = BUDGET) -> int:
    """How many of the first passages fit a budget of tokens together."""
    total = 0
    for number, size in enumerate(sizes):
        total += size
        if total > budget:
            return number
    return len(sizes)


def as_shown(item: Evidence) -> str:
    """A passage as a model sees it, with its line of metadata."""
    about = " · ".join(part for part in (item.source.title, item.source.byline) if part)
    return f"{about}\n{item.passage.text}\n"


def measure(questions: Sequence[Question], library: Library) -> Measured:
    """Figures by group: the product, each arm by itself, and each kind of question."""
    asked = [question for question in questions if question.answerable]
    groups: dict[str, dict[str, Estimate]] = {}
    rows: dict[str, list[Found]] = {}
    for how in METHODS:
        rows[how] = []
        for question in asked:
            evidence = library.search(question.text, k=LOOKED_AT, how=how)
            within = fitting([count(as_shown(item)) for item in evidence])
            texts = [item.passage.text for item in evidence]
            rows[how].append(found([fact.text for fact in question.facts], texts, within))
        groups[how] = estimates(rows[how])
    for kind in dict.fromkeys(question.kind for question in asked):
        pairs = zip(asked, rows["hybrid"], strict=True)
        groups[kind] = estimates([row for question, row in pairs if question.kind == kind])
    for arm in METHODS[1:]:
        groups[f"hybrid minus {arm}"] = {
            name: mean(
                [
                    getattr(one, name) - getattr(other, name)
                    for one, other in zip(rows["hybrid"], rows[arm], strict=True)
                ]
            )
            for name in NAMES
        }
    keys = [key(question.text) for question in asked]
    by_name = {
        name: [dict(zip(keys, [getattr(row, name) for row in rows["hybrid"]], strict=True))]
        for name in NAMES
    }
    return Measured(groups, by_name)


def estimates(rows: Sequence[Found]) -> dict[str, Estimate]:
    return {name: mean([getattr(row, name) for row in rows]) for name in NAMES}

"""How much of the evidence that a question needs is found within a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import datasets, retriever_comparison
from eval.cases import short_news
from eval.datasets import Question, key, squeezed
from eval.metrics import Estimate, mean
from eval.paired_comparison import Measured
from eval.scoring import METHODS, Method
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
    first = first_hit(facts, passages[:10])
    recall = sum(any(fact in text for text in texts[:within]) for fact in wanted) / len(wanted)
    return Found(
        recall,
        float(recall == 1.0),
        float(first is not None and first <= 4),
        float(first is not None),
        1.0 / first if first else 0.0,
    )


def first_hit(facts: Sequence[str], passages: Sequence[str]) -> int | None:
    """Number, from 1, of the first passage that holds one of the facts; None if none does."""
    wanted = [squeezed(fact) for fact in facts]
    hits = (any(fact in squeezed(passage) for fact in wanted) for passage in passages)
    return next((rank for rank, hit in enumerate(hits, start=1) if hit), None)


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
    rows: dict[Method, list[Found]] = {}
    ranks: list[dict[Method, int | None]] = [{} for _ in asked]
    for how in METHODS:
        rows[how] = []
        for question, by_method in zip(asked, ranks, strict=True):
            evidence = library.search(question.text, k=LOOKED_AT, how=how)
            within = fitting([count(as_shown(item)) for item in evidence])
            facts = [fact.text for fact in question.facts]
            texts = [item.passage.text for item in evidence]
            rows[how].append(found(facts, texts, within))
            by_method[how] = first_hit(facts, texts)
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
    return Measured(groups, by_name, retriever_comparison.leads("the questions of the set", ranks))


def beside(
    data: Path, corpus: Path, library: Library, cache: Path | None, limit: int | None
) -> Iterator[retriever_comparison.Lead]:
    """The hybrid beside its arms over short questions: about the news, and an encyclopedia's.

    Args:
        data: Folder with the public question sets; what is not there is left out.
        corpus: The articles that the library holds.
        library: Of news.
        cache: Where vectors are kept.
        limit: Only so many of the encyclopedia's questions.
    """
    yield from retriever_comparison.of_cases("short questions, news", short_news(), library)
    if not (data / datasets.PASSAGES).exists():
        return
    rows = datasets.passage_questions(data / datasets.PASSAGES, limit)
    for name, around in (("all passages", None), ("passages among news", datasets.text_of(corpus))):
        with datasets.passage_library(rows, cache, around) as (opened, places):
            yield from retriever_comparison.of_passages(
                f"short questions, {name}", rows, opened, places
            )


def estimates(rows: Sequence[Found]) -> dict[str, Estimate]:
    return {name: mean([getattr(row, name) for row in rows]) for name in NAMES}

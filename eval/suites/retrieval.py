"""How much of the evidence that a question needs is found within a budget of tokens."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from eval import datasets
from eval.cases import short_news
from eval.datasets import Question, key, squeezed
from eval.libraries import passage_library
from eval.metrics import Estimate, mean
from eval.report import FiguresReport
from eval.scoring import METHODS, Method
from eval.suites.retriever_comparison import (
    Comparison,
    Comparisons,
    compare,
    compare_on_cases,
    compare_on_passages,
)
from rag import Evidence, FootnoteError, Library

ENCODING = "cl100k_base"


@lru_cache(maxsize=1)
def _encoding() -> Any:
    found = find_spec("llama_index.core")
    if found is None or found.origin is None:
        raise FootnoteError("The token table comes with llama-index-core, which is not installed.")
    folder = Path(found.origin).parent / "_static" / "tiktoken_cache"
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))
    try:
        import tiktoken
    except ImportError as error:
        raise FootnoteError("tiktoken is not installed. pip install tiktoken") from error
    return tiktoken.get_encoding(ENCODING)


@lru_cache(maxsize=100_000)
def count_tokens(text: str) -> int:
    """Number of tokens in a text."""
    return len(_encoding().encode(text, disallowed_special=()))


TOKEN_BUDGET = 2_048
# More passages than fit the budget.
PASSAGES = 24


@dataclass(frozen=True, slots=True)
class RankingScore:
    """The figures of one question's ranked passages: shares in 0..1 and hits as 0 or 1."""

    recall_2048: float
    all_2048: float
    hits_at_4: float
    hits_at_10: float
    mrr_at_10: float


NAMES = tuple(RankingScore.__dataclass_fields__)


def measure(
    questions: Sequence[Question], library: Library, others: Sequence[Comparison] = ()
) -> FiguresReport:
    """Evidence recall of the hybrid, of each retriever alone, and by kind of question.

    Args:
        questions: Those without an answer are left out.
        library: Of the articles.
        others: Comparisons of the retrievers over further questions, for the report.
    """
    asked = [question for question in questions if question.answerable]
    scores: dict[Method, list[RankingScore]] = {how: [] for how in METHODS}
    ranks: list[dict[Method, int | None]] = [{} for _ in asked]
    for how in METHODS:
        for question, by_method in zip(asked, ranks, strict=True):
            evidence = library.search(question.text, k=PASSAGES, how=how)
            within = fitting([count_tokens(as_shown(item)) for item in evidence])
            facts = [fact.text for fact in question.facts]
            texts = [item.passage.text for item in evidence]
            scores[how].append(score_ranking(facts, texts, within))
            by_method[how] = first_hit(facts, texts)
    keys = [key(question.text) for question in asked]
    return FiguresReport(
        suite="retrieval",
        groups=_groups(asked, scores),
        questions={
            name: [dict(zip(keys, [getattr(s, name) for s in scores["hybrid"]], strict=True))]
            for name in NAMES
        },
        sections={
            "retriever_comparison": Comparisons(
                (*compare("the questions of the set", ranks), *others)
            )
        },
    )


def compare_on_short_questions(
    data: Path, corpus: Path, library: Library, cache: Path | None, limit: int | None
) -> tuple[Comparison, ...]:
    """The hybrid against its retrievers over short questions: about news, and encyclopedic ones.

    Args:
        data: Folder with the public question sets; a set that is missing is left out.
        corpus: The articles that the library holds.
        library: Of news.
        cache: Folder of cached vectors.
        limit: Ask at most this many of the encyclopedic questions.
    """
    rows = list(compare_on_cases("short questions, news", short_news(), library))
    if (data / datasets.PASSAGES).exists():
        asked = datasets.passage_questions(data / datasets.PASSAGES, limit)
        surroundings = (("all passages", None), ("passages among news", datasets.text_of(corpus)))
        for name, around in surroundings:
            with passage_library(asked, cache, around) as (opened, places):
                title = f"short questions, {name}"
                rows += compare_on_passages(title, asked, opened, places)
    return tuple(rows)


def score_ranking(facts: Sequence[str], passages: Sequence[str], within: int) -> RankingScore:
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
    return RankingScore(
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


def fitting(sizes: Sequence[int], budget: int = TOKEN_BUDGET) -> int:
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


def _groups(
    asked: Sequence[Question], scores: dict[Method, list[RankingScore]]
) -> dict[str, dict[str, Estimate]]:
    groups = {str(how): _means(rows) for how, rows in scores.items()}
    for kind in dict.fromkeys(question.kind for question in asked):
        pairs = zip(asked, scores["hybrid"], strict=True)
        groups[kind] = _means([score for question, score in pairs if question.kind == kind])
    for retriever in METHODS[1:]:
        groups[f"hybrid minus {retriever}"] = {
            name: mean(
                [
                    getattr(one, name) - getattr(other, name)
                    for one, other in zip(scores["hybrid"], scores[retriever], strict=True)
                ]
            )
            for name in NAMES
        }
    return groups


def _means(rows: Sequence[RankingScore]) -> dict[str, Estimate]:
    return {name: mean([getattr(row, name) for row in rows]) for name in NAMES}

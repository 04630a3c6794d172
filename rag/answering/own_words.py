"""What the articles themselves say, below a draft of which nothing is confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.answerability import SentenceScorer
from rag.answering.streaming import verify_stream
from rag.extractive import Extractive
from rag.generation import EXTRACTIVE, Failover
from rag.query import Query
from rag.types import Evidence, Sentence
from rag.verification import no_claim_sentence

INTRODUCTION = "The articles confirm none of this. In their own words:"


def own_words(
    query: Query,
    evidence: Sequence[Evidence],
    scorer: SentenceScorer,
    sentences: Sequence[Sentence],
    backend: str,
) -> Iterator[Sentence]:
    """The extractive answer, named as such, if a model wrote the sentences and none is supported.

    Args:
        query: The question, with those parts that the evidence answers.
        evidence: That was found for it.
        scorer: Scores the sentences of the evidence.
        sentences: Of the draft, verified.
        backend: The name of what drafted them.
    """
    if backend == EXTRACTIVE or any(each.verdict == "supported" for each in sentences):
        return
    drafter = Failover([Extractive(scorer)])
    said = verify_stream(drafter.draft(query, evidence), lambda: evidence, None)
    found = [item for item in said if isinstance(item, Sentence)]
    if found:
        yield no_claim_sentence(INTRODUCTION, "paragraph")
        yield from found

"""The answerer that needs no model: it picks whole sentences of the articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from rag.backends.base import Call
from rag.picking import MOST_SENTENCES, choose, pick, rescored
from rag.query import Query
from rag.relevance import ScoredSentence, SentenceIndex, score_sentences
from rag.types import BackendInfo, Evidence

# What stands in front of the answers of a list of questions.
ANSWER_LABEL = re.compile(r"^A(?:nswer)?\s?:\s+")


class UnderstandingIndex(SentenceIndex, Protocol):
    """A library that also reads questions."""

    def understand(self, question: str) -> Query:
        """What the question asks for."""


class Extractive:
    """Answers with up to three sentences of the articles, in their own words.

    They are grouped by article, in reading order, each group introduced by who says it where
    there is more than one. A sentence that leans on the one before brings it along.
    """

    def __init__(self, index: UnderstandingIndex, *, most: int = MOST_SENTENCES) -> None:
        self._index = index
        self._most = most

    @property
    def info(self) -> BackendInfo:
        return BackendInfo("extractive")

    @property
    def destination(self) -> None:
        """Nothing goes anywhere."""
        return None

    def probe(self, call: Call) -> tuple[str, ...]:
        return ()

    def draft(
        self, question: str, evidence: Sequence[Evidence], call: Call | None = None
    ) -> Iterator[str]:
        scored = score_sentences(self._index, question, evidence)
        query = self._index.understand(question)
        if query.is_wide:
            scored = rescored(query, scored)
            places = pick(query, scored, self._most)
        else:
            places = choose(scored, self._most)
        yield compose([scored[place] for place in places])


def compose(chosen: Sequence[ScoredSentence]) -> str:
    """The draft: one sentence a line with its mark, grouped by article in reading order."""
    by_article: dict[str, list[ScoredSentence]] = {}
    for item in chosen:
        by_article.setdefault(item.evidence.source.id, []).append(item)
    lines = []
    for group in by_article.values():
        if len(by_article) > 1:
            lines.append(lead_in(group[0].evidence))
        group.sort(key=lambda item: item.span)
        lines.extend(f"{ANSWER_LABEL.sub('', item.text)} [{item.evidence.rank}]" for item in group)
    return "\n".join(lines)


def lead_in(evidence: Evidence) -> str:
    """Who is about to be quoted, as a line that claims nothing."""
    source = evidence.source
    named = source.publisher or source.author
    return f"{named} writes:" if named else f"From “{source.title}”:"

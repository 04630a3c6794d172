"""The answerer that needs no model: it picks whole sentences of the articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from rag import text as texts
from rag.answerability.sentence_scoring import ScoredSentence, SentenceIndex, score_sentences
from rag.extractive.comparison import sided
from rag.extractive.overview import first_each
from rag.extractive.selection import MOST_SENTENCES, choose, one_each, pick, rescored
from rag.generation import CallContext, Preamble
from rag.query import intents
from rag.query.parsing import Query
from rag.types import BackendInfo, Evidence, Source

# What stands in front of the answers of a list of questions.
ANSWER_LABEL = re.compile(r"^A(?:nswer)?\s?:\s+")
# Lines of an overview, each of another article.
MOST_LINES = 6
# Sentences for each side of a comparison and each question of a list.
MOST_EACH = 2


class UnderstandingIndex(SentenceIndex, Protocol):
    """A library that also reads questions."""

    def understand(self, question: str) -> Query:
        """What the question asks for."""


class Extractive:
    """Answers with sentences of the articles, in their own words.

    Up to three of them, grouped by who says it, in reading order; a sentence that leans on the one
    before brings it along. An overview has a line for each article, a comparison some for each
    side, a list of questions some for each. Whatever else stands between them is a `Preamble`.
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

    def probe(self, context: CallContext) -> tuple[str, ...]:
        return ()

    def draft(
        self, question: str, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        query = self._index.understand(question)
        if subject := query.overview:
            every = subject == query.text
            yield from self._overview(subject, evidence, every=every, newest=query.recent)
            return
        sides = None if query.said_publishers else intents.compared(question)
        if sides:
            yield from self._sides(sides, evidence)
            return
        said: set[str] = set()
        pieces = intents.things(question)
        listed = len(pieces) > 1
        for piece in pieces:
            yield from self._answer(piece, evidence, said, listed=listed)

    def _answer(
        self, question: str, evidence: Sequence[Evidence], said: set[str], *, listed: bool = False
    ) -> Iterator[str]:
        """The answer to a question, one of a list perhaps, without what was ``said`` before."""
        most = MOST_EACH if listed else self._most
        scored = score_sentences(self._index, question, evidence)
        query = self._index.understand(question)
        if query.is_wide:
            scored = rescored(query, scored)
            places = pick(query, scored, most)
        else:
            repeats = asked_words(question)
            # One of a list may be answered by what answers another; what stands next to that
            # speaks of something else.
            places = choose(scored, most, repeats, naming=listed)
            if again := sum(scored[place].text in said for place in places):
                places = choose(scored, most + again, repeats, naming=listed)
        places = tuple(place for place in places if scored[place].text not in said)
        said.update(scored[place].text for place in places)
        yield from compose([scored[place] for place in places])

    def _overview(
        self, subject: str, evidence: Sequence[Evidence], *, every: bool, newest: bool
    ) -> Iterator[str]:
        """A line of each article about a subject, or of ``every`` article that is there.

        Where the ``newest`` is asked for, that comes first.
        """
        scored = score_sentences(self._index, subject, evidence)
        places = (first_each if every else one_each)(scored, MOST_LINES)
        if newest:
            places = tuple(sorted(places, key=lambda place: _day(scored[place]), reverse=True))
        if not places:
            yield from self._answer(subject, evidence, set())
        for place in places:
            item = scored[place]
            yield Preamble(f"{titled(item.evidence.source)}:")
            yield line(item)

    def _sides(self, sides: Sequence[str], evidence: Sequence[Evidence]) -> Iterator[str]:
        said: set[tuple[str, int]] = set()
        for side in sides:
            scored = score_sentences(self._index, side, evidence)
            others = [other for other in sides if other != side]
            places = sided(side, others, scored, MOST_EACH, said)
            said.update((scored[p].evidence.source.id, scored[p].span.start) for p in places)
            if places:
                yield Preamble(f"On “{side}”:")
                yield from compose([scored[place] for place in places])


def _day(item: ScoredSentence) -> date:
    return item.evidence.source.published or date.min


def asked_words(question: str) -> frozenset[str]:
    """Content stems of a question: what an answer must go beyond."""
    return frozenset(texts.content_stems(question))


def compose(chosen: Sequence[ScoredSentence]) -> Iterator[str]:
    """The draft: one sentence a line with its mark, grouped by who says it, in reading order.

    A title alone is named only where there are several, since the footnote shows it.
    """
    groups: dict[str, list[ScoredSentence]] = {}
    for item in chosen:
        groups.setdefault(lead_in(item.evidence.source), []).append(item)
    for lead, group in groups.items():
        source = group[0].evidence.source
        if len(groups) > 1 or source.publisher or source.author:
            yield Preamble(lead)
        articles = list(dict.fromkeys(item.evidence.source.id for item in group))
        group.sort(key=lambda item: (articles.index(item.evidence.source.id), item.span))
        for item in group:
            yield line(item)


def line(item: ScoredSentence) -> str:
    """A sentence as a line of the draft, with the mark of its evidence."""
    return f"{ANSWER_LABEL.sub('', item.text)} [{item.evidence.rank}]\n"


def lead_in(source: Source) -> str:
    """Who is about to be quoted, as a line that claims nothing."""
    named = source.publisher or source.author
    return f"{named} writes:" if named else f"From “{source.title}”:"


def titled(source: Source) -> str:
    """An article by its publisher or author, and its title."""
    named = source.publisher or source.author
    return f"{named}, “{source.title}”" if named else f"“{source.title}”"

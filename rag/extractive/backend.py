"""The extractive backend: answers with whole sentences of the articles, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from rag import text as texts
from rag.answerability import ScoredSentence, SentenceScorer
from rag.extractive.selection import (
    MOST_SENTENCES,
    best_per_article,
    further,
    rescore_multi_part,
    select_multi_part,
    select_single,
    stands_alone,
)
from rag.extractive.standalone_sentences import is_fragment
from rag.generation import ArticleSentence, CallContext, Preamble
from rag.query import Query
from rag.types import BackendInfo, Citation, Evidence, Source

# The label of an answer in an article of questions and answers.
ANSWER_LABEL = re.compile(r"^A(?:nswer)?\s?:\s+")
# Lines of an overview, one for each article.
MOST_LINES = 6
# Sentences for each side of a comparison and each question of a list.
MOST_EACH = 2


class Extractive:
    """Answers with sentences of the articles, in their own words.

    Up to three sentences, grouped by source, in reading order; a sentence that needs the previous
    one brings it along. An overview has a line for each article, a comparison some for each side, a
    list some for each question. Everything else in the draft is a `Preamble`.

    Args:
        scorer: Scores the sentences of the evidence.
        most: Sentences of an answer to one question.
    """

    def __init__(self, scorer: SentenceScorer, *, most: int = MOST_SENTENCES) -> None:
        self._scorer = scorer
        self._most = most

    @property
    def info(self) -> BackendInfo:
        return BackendInfo("extractive")

    @property
    def destination(self) -> None:
        """None: no text is sent anywhere."""
        return None

    def probe(self, context: CallContext) -> tuple[str, ...]:
        return ()

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        if not query.answerable:
            return
        said = set(query.told)
        if query.kind == "list":
            for part in query.parts:
                yield from self._by_kind(part, evidence, said, most=MOST_EACH)
        else:
            yield from self._by_kind(query, evidence, said, most=self._most)

    def _by_kind(
        self, query: Query, evidence: Sequence[Evidence], said: set[str], *, most: int
    ) -> Iterator[str]:
        """The answer to one question, without sentences that were ``said`` before."""
        if query.kind == "overview":
            yield from self._overview(query, evidence, said)
        elif query.kind == "summary":
            yield from self._openings(evidence)
        elif query.kind == "comparison":
            yield from self._sides(query, evidence, said)
        else:
            listed = most < self._most
            yield from compose(self._select(query, evidence, said, most, require_overlap=listed))

    def _select(
        self,
        query: Query,
        evidence: Sequence[Evidence],
        said: set[str],
        most: int,
        *,
        require_overlap: bool,
    ) -> list[ScoredSentence]:
        """The sentences that answer a question, without those ``said`` before; adds them there."""
        scored = self._scorer.score(query.text, evidence)
        if query.is_multi_part:
            scored = rescore_multi_part(query, scored)
            places = select_multi_part(query, scored, most)
        else:
            text = query.text
            places = select_single(scored, most, text, require_overlap=require_overlap)
            # A sentence may answer two questions of a list; the second one then gets another.
            if again := sum(scored[place].text in said for place in places):
                places = select_single(scored, most + again, text, require_overlap=require_overlap)
        chosen = [scored[place] for place in places if scored[place].text not in said]
        if not chosen and query.told:
            chosen = further(scored, said, most)
        said.update(item.text for item in chosen)
        return chosen

    def _sides(self, query: Query, evidence: Sequence[Evidence], said: set[str]) -> Iterator[str]:
        """Sentences on each side of a comparison; one that fits several is used once, for all."""
        waiting = [
            self._select(
                side, evidence, set(said), MOST_EACH * len(query.parts), require_overlap=True
            )
            for side in query.parts
        ]
        waiting = [
            [item for item in candidates if not _is_about_another(item, side, query.parts)]
            for side, candidates in zip(query.parts, waiting, strict=True)
        ]
        chosen: list[list[ScoredSentence]] = [[] for _ in query.parts]
        for _ in range(MOST_EACH):
            for mine, candidates in zip(chosen, waiting, strict=True):
                whole = [item for item in candidates if stands_alone(item.text)] or candidates
                fresh = (item for item in whole if item.text not in said)
                if item := next(fresh, None):
                    mine.append(item)
                    said.add(item.text)
        names = [[f"“{side.as_written}”"] for side in query.parts]
        for name, mine, candidates in zip(names, chosen, waiting, strict=True):
            fitting = {item.text for item in candidates}
            shared = [
                n for n, m in zip(names, chosen, strict=True) if fitting & {i.text for i in m}
            ]
            if not mine and shared:
                shared[0] += name
        for name, mine in zip(names, chosen, strict=True):
            if mine:
                yield Preamble(f"On {' and '.join(name)}:")
                yield from compose(mine)

    def _overview(
        self, query: Query, evidence: Sequence[Evidence], said: set[str]
    ) -> Iterator[str]:
        """A line for each article about a subject; the newest first if the question asks for it."""
        (subject,) = query.parts
        scored = self._scorer.score(subject.text, evidence)
        chosen = [scored[place] for place in best_per_article(scored, MOST_LINES)]
        if query.recent:
            chosen.sort(key=_day, reverse=True)
        if not chosen:
            yield from compose(
                self._select(subject, evidence, said, self._most, require_overlap=False)
            )
        for item in chosen:
            yield Preamble(f"{titled(item.evidence.source)}:")
            yield own_words(item)

    def _openings(self, evidence: Sequence[Evidence]) -> Iterator[Preamble | ArticleSentence]:
        """The first sentence of each article that can be understood alone."""
        for item in evidence:
            scored = self._scorer.score(item.source.title, (item,), read=False)
            able = [s for s in scored if s.answers and not is_fragment(s.text)]
            whole = [s for s in able if stands_alone(s.text)] or able
            if whole:
                yield Preamble(f"{titled(item.source)}:")
                yield own_words(whole[0])


def _is_about_another(item: ScoredSentence, side: Query, sides: Sequence[Query]) -> bool:
    """Whether a sentence names another side of a comparison, and it and its title not this one."""
    said = set(texts.content_stems(item.text))
    known = said | set(texts.content_stems(item.evidence.source.title))
    own, *names = (set(texts.content_stems(each.as_written)) for each in (side, *sides))
    return not own <= known and any(name <= said for name in names if name != own)


def _day(item: ScoredSentence) -> date:
    return item.evidence.source.published or date.min


def compose(chosen: Sequence[ScoredSentence]) -> Iterator[str]:
    """The draft: whole sentences with their citations, grouped by who says it, in reading order.

    A source that has only a title is named only if there are several, as the footnote shows it.
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
            yield own_words(item)


def own_words(item: ScoredSentence) -> ArticleSentence:
    """A sentence as the article has it, without the label of an answer."""
    said = ANSWER_LABEL.sub("", item.text)
    start, end = item.span.end - len(said), item.span.end
    return ArticleSentence(Citation(item.evidence.source.id, start, end, said))


def lead_in(source: Source) -> str:
    """A line that says who is quoted next; it makes no claim."""
    named = source.publisher or source.author
    return f"{named} writes:" if named else f"From “{source.title}”:"


def titled(source: Source) -> str:
    """An article by its publisher or author, and its title."""
    named = source.publisher or source.author
    return f"{named}, “{source.title}”" if named else f"“{source.title}”"

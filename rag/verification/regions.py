"""Evidence as stretches of articles: overlapping passages are read as one text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from rag import text as texts
from rag.reader import Window, source_header
from rag.types import Citation, Evidence, Passage, Source, Span
from rag.verification.features.names_and_pronouns import full_names
from rag.verification.features.parsing import ParsedDocument, parse_document, sentence_spans

# The reader sees this many sentences before and after the stretch: five for a stretch of one.
AROUND = 2
# A region that the draft names wins a tie by this share of the sentence's words.
NAMED_BONUS = 0.01


@dataclass(frozen=True)
class Region:
    """A stretch of one article that one or more passages cover without a gap.

    ``text == article.text[start : start + len(text)]``; ``ranks`` are those of its passages.
    ``names`` are the `full_names` in all of the evidence from its article.
    """

    source: Source
    start: int
    text: str
    ranks: tuple[int, ...]
    names: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """Offsets of the sentences in ``text``."""
        return sentence_spans(self.text)

    @property
    def document(self) -> ParsedDocument:
        return parse_document(self.text)

    def is_named(self, marks: Sequence[int]) -> bool:
        """Whether the marks of a draft name one of its passages."""
        return not set(self.ranks).isdisjoint(marks)

    def named_bonus(self, marks: Sequence[int]) -> float:
        """What a source that the draft names is given so that it wins ties."""
        return NAMED_BONUS if self.is_named(marks) else 0.0

    def cite(self, first: int, last: int) -> Citation:
        """The sentences from ``first`` to ``last``, by index, as the article's own words."""
        start, end = self.sentences[first].start, self.sentences[last].end
        quote = self.text[start:end]
        return Citation(self.source.id, self.start + start, self.start + end, quote)

    def holds(self, citation: Citation) -> bool:
        """Whether a citation lies in this region."""
        inside = self.start <= citation.start and citation.end <= self.start + len(self.text)
        return inside and citation.article_id == self.source.id

    def inside(self, citation: Citation) -> Span:
        """Where in ``text`` a citation of this region is."""
        return Span(citation.start - self.start, citation.end - self.start)

    def around(self, citation: Citation, reach: int = 2) -> Evidence:
        """A citation of this region with ``reach`` sentences on each side, as evidence."""
        first, last = self.sentences_over(self.inside(citation))
        wide = self.cite(max(0, first - reach), min(len(self.sentences) - 1, last + reach))
        passage = Passage(self.source.id, wide.start, wide.end, wide.quote)
        return Evidence(passage, self.source, min(self.ranks), 1.0, ("keyword",))

    def window(self, first: int, last: int) -> Window:
        """The sentences from ``first`` to ``last`` with those around them, for the reader."""
        begin, end = max(0, first - AROUND), min(len(self.sentences), last + 1 + AROUND)
        told = tuple(self.text[span.start : span.end] for span in self.sentences[begin:end])
        return Window(source_header(self.source), told)

    def only_headings(self, first: int, last: int) -> bool:
        """Whether the sentences from ``first`` to ``last`` are headings on lines of their own."""
        return all(
            not texts.states_something(self.text[span.start : span.end], alone=self._is_line(span))
            for span in self.sentences[first : last + 1]
        )

    def _is_line(self, span: Span) -> bool:
        before, after = self.text[: span.start].rstrip(" "), self.text[span.end :].lstrip(" ")
        return (not before or before.endswith("\n")) and after.startswith("\n")

    def touches_sentence(self, span: Span) -> bool:
        """Whether a stretch of ``text`` lies at least in part in one of its sentences."""
        return any(each.start < span.end and span.start < each.end for each in self.sentences)

    def sentences_over(self, span: Span) -> tuple[int, int]:
        """First and last index of the sentences that a stretch of ``text`` touches."""
        touched = [
            place
            for place, sentence in enumerate(self.sentences)
            if sentence.start < span.end and span.start < sentence.end
        ]
        return touched[0], touched[-1]


def merge_passages(evidence: Sequence[Evidence]) -> tuple[Region, ...]:
    """The evidence by its best rank; passages that overlap or touch are joined."""
    by_article: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_article.setdefault(item.source.id, []).append(item)
    found = [
        replace(region, names=frozenset(chain.from_iterable(full_names(r.text) for r in joined)))
        for joined in map(_joined, by_article.values())
        for region in joined
    ]
    return tuple(sorted(found, key=lambda region: min(region.ranks)))


def _joined(items: Iterable[Evidence]) -> list[Region]:
    found: list[Region] = []
    for item in sorted(items, key=lambda e: (e.passage.start, e.passage.end)):
        passage = item.passage
        last = found[-1] if found else None
        end = last.start + len(last.text) if last else -1
        if last is None or passage.start > end:
            found.append(Region(item.source, passage.start, passage.text, (item.rank,)))
            continue
        more = passage.text[max(0, end - passage.start) :]
        found[-1] = Region(last.source, last.start, last.text + more, (*last.ranks, item.rank))
    return found

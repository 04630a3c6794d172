"""Does a sentence say what the articles say? A check in plain code, never taken on a model's word.

For each sentence of a draft the smallest stretch of whole article sentences that carries it is
looked for, and what the sentence asserts beyond that stretch. Provenance is checked, truth is
not: an article can be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rag.generation import DraftParser, DraftSentence
from rag.types import Evidence, Sentence, Span
from rag.verification import contradictions, disagreements, no_claim, support
from rag.verification.explanations import explain, marked
from rag.verification.no_claim import is_no_claim
from rag.verification.quotations import Quotations
from rag.verification.regions import Region, regions
from rag.verification.second_opinion import Stricter
from rag.verification.signals import lemmas
from rag.verification.signals.analysis import Analysis, analyse
from rag.verification.signals.document import Stretch, best_stretch
from rag.verification.signals.features import View
from rag.verification.verdicts import Reading

# So many regions, those with the most words in common, are compared in full.
LOOKED_AT = 4
# The second sentence of a draft may lean on so many before it.
REMEMBERED = 2

CLAUSES = re.compile(r";\s+|,\s+(?:and|but|while|whereas|yet)\s+|\s+(?:while|whereas)\s+")
# A sentence is taken apart only if its parts do not stand together: below this share of its words.
WHOLE = 0.9
# A clause of fewer content words is no claim of its own.
SHORTEST_CLAUSE = 3


def verify(
    draft: str, evidence: Sequence[Evidence], stricter: Stricter | None = None
) -> tuple[Sentence, ...]:
    """The sentences of a draft, each with its verdict and its citations."""
    return tuple(verify_each((draft,), evidence, stricter))


def verify_each(
    pieces: Iterable[str], evidence: Sequence[Evidence], stricter: Stricter | None = None
) -> Iterator[Sentence]:
    """Like `verify`, from a draft in pieces: each sentence as soon as it is complete."""
    checker = Checker(evidence, stricter)
    reader = DraftParser()
    for piece in pieces:
        for sentence in reader.feed(piece):
            yield from checker.settle(sentence)
    for sentence in reader.close():
        yield from checker.settle(sentence)


def says_nothing(text: str) -> Sentence:
    """A sentence of an answer that claims nothing."""
    return Sentence(text.strip(), (), "no_claim", 1.0, "Claims nothing.")


class Checker:
    """Checks sentences, in order, against one set of evidence; prepares the evidence once."""

    def __init__(self, evidence: Sequence[Evidence], stricter: Stricter | None = None) -> None:
        self._stricter = stricter
        self._regions = regions(evidence)
        self._sources = tuple({r.source.id: r.source for r in self._regions}.values())
        self._quotations = Quotations(self._regions)
        self._before: list[Analysis] = []
        self._carried: Reading | None = None
        self._noted: set[str] = set()

    def settle(self, sentence: DraftSentence) -> Iterator[Sentence]:
        """The sentence with its verdict; behind it, if another article says otherwise, a note."""
        checked = self.check(sentence)
        yield checked
        if checked.verdict == "supported" and self._carried is not None:
            other = disagreements.other_side(self._carried, self._readings(checked.text, ()))
            noted = disagreements.note(self._carried, other) if other else None
            if noted and noted.text not in self._noted:
                self._noted.add(noted.text)
                yield noted

    def check(self, sentence: DraftSentence) -> Sentence:
        """The verdict on one sentence. Its marks are only where the search begins."""
        if is_no_claim(sentence.text, self._sources):
            return says_nothing(sentence.text)
        checked = self._reviewed(self._claim(sentence))
        self._before = [*self._before, analyse(checked.text)][-REMEMBERED:]
        return checked

    def _reviewed(self, checked: Sentence) -> Sentence:
        """What the stronger checker makes of a supported sentence; an article's own words stay."""
        verbatim = self._carried is not None and self._carried.verbatim
        if self._stricter is None or checked.verdict != "supported" or verbatim:
            return checked
        passages = [
            region.around(citation)
            for citation in checked.citations
            for region in self._regions
            if region.holds(citation)
        ]
        return self._stricter.review(checked, passages)

    def _claim(self, sentence: DraftSentence) -> Sentence:
        self._carried = None
        if len(sentence.text) > support.LONGEST_SENTENCE:
            why = "It is too long to be checked as one sentence."
            return Sentence(sentence.text, (), "unsupported", 0.0, why)
        text, missing = self._quotations.place(sentence.text)
        sentence = replace(sentence, text=text)
        if no_claim.other_language(text, [r.text for r in self._regions]):
            why = "It is written in another language than the articles, so it cannot be checked."
            return Sentence(text, (), "unsupported", 0.0, why)
        best = self._best(text, sentence.marks)
        if best is None:
            return Sentence(text, (), "unsupported", 0.0, "No article was found.")
        if missing:
            nearest = explain("unsupported", best, sentence.marks, missing=missing.text)
            return Sentence(
                text, (), "unsupported", min(0.2, best.support), nearest, (missing.span,)
            )
        if best.coverage < WHOLE and not best.contradicts:
            parts = self._parts(text, best, sentence.marks)
            if parts:
                return parts
        return self._settled(text, best, sentence.marks)

    def _settled(self, text: str, best: Reading, marks: Sequence[int]) -> Sentence:
        self._carried = best
        cites = best.verdict != "unsupported" or best.contradicts
        return Sentence(
            text,
            (best.cite(),) if cites else (),
            best.verdict,
            best.support,
            explain(best.verdict, best, marks),
            marked(text, best) if best.verdict != "supported" else (),
        )

    def _parts(self, text: str, best: Reading, marks: Sequence[int]) -> Sentence | None:
        """A sentence of several claims, each looked for by itself; None if it has only one."""
        spans = _clauses(text, contradictions.lead_in(text, best.region.source))
        if len(spans) < 2:
            return None
        found = [(span, self._best(text[span.start : span.end], marks)) for span in spans]
        good = [(s, r) for s, r in found if r is not None and r.verdict == "supported"]
        if not good:
            return None
        cited = tuple(dict.fromkeys(reading.cite() for _, reading in good))
        if len(good) == len(found):
            likely = min(reading.support for _, reading in good)
            why = "Each part of it is said by the cited words."
            return Sentence(text, cited, "supported", likely, why)
        lacking = tuple(s for s, r in found if r is None or r.verdict != "supported")
        piece = text[lacking[0].start : lacking[0].end]
        why = f"Only part of it is said by the articles; not: “{piece}”."
        return Sentence(text, cited, "partly", 0.4, why, lacking)

    def _best(self, text: str, marks: Sequence[int]) -> Reading | None:
        """The stretch that carries a claim best; marks break ties."""
        whole = self._verbatim(text, marks)
        if whole is not None:
            return whole
        readings = self._readings(text, marks)
        return max(readings, key=lambda reading: reading.standing(marks), default=None)

    def _readings(self, text: str, marks: Sequence[int]) -> list[Reading]:
        """The best stretch of each of the regions that have most words of a claim."""
        candidates: list[tuple[float, Region, Analysis, Stretch]] = []
        for region in self._regions:
            claim = analyse(contradictions.without_lead_in(text, region.source))
            if claim.content and region.sentences:
                stretch = best_stretch(claim, region.document)
                named = 0.01 * bool(set(region.ranks) & set(marks))
                candidates.append((stretch.coverage + named, region, claim, stretch))
        candidates.sort(key=lambda item: -item[0])
        return [
            self._read(region, claim, stretch)
            for _, region, claim, stretch in candidates[:LOOKED_AT]
        ]

    def _read(self, region: Region, claim: Analysis, stretch: Stretch) -> Reading:
        before, day = tuple(self._before), region.source.published
        view = View(claim, region.document, stretch, before, day)
        return Reading(region, view, contradictions.find(view, region.source))

    def _verbatim(self, text: str, marks: Sequence[int]) -> Reading | None:
        found = None
        for region in self._regions:
            said = contradictions.without_lead_in(text, region.source)
            span = support.verbatim_at(said, region.text)
            if span is None:
                continue
            places = region.sentences_over(span)
            view = View(analyse(said), region.document, Stretch(*places, 1.0))
            found = found or Reading(region, view, (), places)
            if set(region.ranks) & set(marks):
                return Reading(region, view, (), places)
        return found


def _clauses(text: str, begin: int) -> tuple[Span, ...]:
    """The claims that a sentence joins from ``begin`` on; only one if some part is too short."""
    ends = [*CLAUSES.finditer(text, begin)]
    starts = [begin, *(match.end() for match in ends)]
    stops = [*(match.start() for match in ends), len(text)]
    spans = tuple(Span(start, stop) for start, stop in zip(starts, stops, strict=True))
    if any(len(lemmas.content_stems(text[s.start : s.end])) < SHORTEST_CLAUSE for s in spans):
        return (Span(begin, len(text)),)
    return spans


__all__ = ["Checker", "is_no_claim", "says_nothing", "verify", "verify_each"]

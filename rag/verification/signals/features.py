"""All signals of one sentence against one document, as numbers for the fitted check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rag import text as texts
from rag.verification.signals import (
    alignment,
    contrast,
    dates,
    lemmas,
    names,
    order,
    quantities,
    reference,
    surroundings,
)
from rag.verification.signals.analysis import Analysis, union
from rag.verification.signals.document import Document, Stretch

# A sentence that keeps this share of an article's words in order only edits them.
NEAR_VERBATIM = 0.7


@dataclass(frozen=True)
class View:
    """A claim, the document, the stretch that carries it best, and what was said before it.

    ``published`` is the document's day, which "yesterday" and "last year" count from.
    """

    claim: Analysis
    document: Document
    stretch: Stretch
    before: tuple[Analysis, ...] = ()
    published: date | None = None

    @cached_property
    def said(self) -> Analysis:
        """The stretch."""
        return union(self.document.sentences[self.stretch.first : self.stretch.last + 1])

    @cached_property
    def near(self) -> Analysis:
        """The stretch with two sentences on each side."""
        start = max(0, self.stretch.first - 2)
        return union(self.document.sentences[start : self.stretch.last + 3])

    @property
    def whole(self) -> Analysis:
        return self.document.whole

    @cached_property
    def one(self) -> Analysis:
        """The sentence of the stretch that holds most of the claim."""
        inside = self.document.sentences[self.stretch.first : self.stretch.last + 1]
        return max(inside, key=lambda s: self.document.share(self.claim.content, s.content))

    @cached_property
    def difference(self) -> alignment.Difference:
        return alignment.difference(self.claim.stems, self.one.stems)


def measure(view: View) -> dict[str, float]:
    """Every signal by name, 0..1.

    ``held…`` and ``kept…`` are better the higher, all others the lower; but those that end in
    ``_any``, ``missing_plain``, ``missing_verb`` and ``sentences_there`` only describe.
    """
    return dict(_words(view)) | dict(_facts(view)) | dict(_sense(view))


def _words(view: View) -> Iterator[tuple[str, float]]:
    """How much of the claim stands there, and which of its words stand nowhere."""
    claim, document, places = view.claim, view.document, view.document.places
    yield "held_stretch", document.share(claim.content, view.said.content)
    yield "held_near", document.share(claim.content, view.near.content)
    yield "held_one", document.share(claim.content, view.one.content)
    missing = [
        word
        for word, stem in zip(claim.words, claim.stems, strict=True)
        if stem not in places
        and word not in texts.STOP_WORDS
        and not all(lemmas.stem(part) in places for part in word.split("-"))
    ]
    yield "missing", min(8, len(missing)) / 8
    yield "missing_one", float(bool(missing))
    yield "missing_here", min(6, len(claim.content - view.said.content)) / 6
    plain = [word for word in missing if word.isalpha() and word not in claim.names]
    yield "missing_plain", min(5, len(plain)) / 5
    yield "missing_verb", _count((word.endswith(("ing", "ed")) for word in missing), 2)
    yield "missing_manner", float(any(word.endswith("ly") for word in missing))
    put = filter(alignment.counts, view.difference.put)
    new = [stem for stem in put if stem not in view.said.content]
    yield "edited", min(3, len(new)) / 3 if view.difference.kept >= NEAR_VERBATIM else 0.0
    yield "sentences_there", min(60, len(document.sentences)) / 60


def _facts(view: View) -> Iterator[tuple[str, float]]:
    """Numbers, dates, names, and whom a pronoun means."""
    claim, whole = view.claim, view.whole
    here = quantities.missing(claim.quantities, view.said.quantities)
    yield "number_here", min(2, len(here)) / 2
    nowhere = quantities.missing(claim.quantities, whole.quantities)
    figures = sum(quantities.in_figures(item) for item in nowhere)
    yield "number", min(2, figures) / 2
    yield "number_word", float(len(nowhere) > figures)
    yield "number_any", float(bool(claim.quantities))
    strange = claim.dates - whole.dates
    if strange:
        strange -= dates.spoken(whole.text, view.published)
    yield "date", min(2, len(strange)) / 2
    unknown = names.missing(claim.names, whole.vocabulary) if claim.names else ()
    yield "name", min(3, len(unknown)) / 3
    yield "name_one", float(bool(unknown))
    yield "name_any", float(bool(claim.names))
    yield "pronoun_unresolved", float(reference.unresolved(claim, view.before))


def _sense(view: View) -> Iterator[tuple[str, float]]:
    """Yes or no, how bad, how many, who to whom, and how it is compared."""
    claim, said, near = view.claim, view.said, view.near
    yield "denied_any", float(claim.denials > 0)
    yield "denied_more", float(claim.denials > said.denials)
    yield "denied_alone", float(claim.denials > 0 and near.denials == 0)
    yield "denied_asserted", surroundings.asserted_elsewhere(claim, view.document)
    yield "asserted_denied", float(surroundings.denied_there(claim, view.one, view.document))
    yield "opposite", surroundings.opposed(claim, view.document)
    negative = contrast.negative_stems() - {*near.stems}
    yield "grim", _count((stem in negative for stem in {*claim.stems}), 2)
    absolute = contrast.absolute(claim.words) - contrast.absolute(view.whole.words)
    yield "absolute", float(bool(absolute))
    compared = contrast.comparisons(claim.words) - contrast.comparisons(said.words)
    yield "compared", float(bool(compared))
    yield "only", float(contrast.exclusive(claim.words) and not contrast.exclusive(said.words))
    yield "words_swapped", float(bool(view.difference.swapped and view.difference.kept > 0.5))


def roles_swapped(view: View) -> tuple[tuple[str, str], ...]:
    """Names that changed places, or that kept them while the deed was turned into a passive."""
    claim, said = view.claim, view.one
    parties = frozenset(
        stem for word, stem in zip(claim.words, claim.stems, strict=True) if word in claim.names
    )
    # Grammar gives the first word its capital, so it may be a name or not.
    parties |= frozenset(claim.stems[:1]) - texts.STOP_WORDS
    if len(parties) < 2:
        return ()
    turned = order.is_passive(claim.text) != order.is_passive(said.text)
    return order.swapped(claim.stems, said.stems, parties, turned=turned)


def turned_round(view: View) -> tuple[tuple[str, str], ...]:
    """What a claim opens with and words behind it, where the article has them in reverse order.

    Like `roles_swapped` for what has no name: the perch that scared away the fishermen.
    """
    claim, said = view.claim, view.one
    opens = next((s for s in claim.stems if s not in texts.STOP_WORDS and s.isalpha()), None)
    if opens is None or order.is_passive(claim.text) != order.is_passive(said.text):
        return ()
    parties = frozenset(stem for stem in claim.content if stem.isalpha())
    return tuple(p for p in order.swapped(claim.stems, said.stems, parties) if opens in p)


def _count(found: Iterable[bool], most: int) -> float:
    return min(most, sum(found)) / most

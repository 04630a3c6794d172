"""All signals of one sentence against one document, as numbers for the fitted check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rag import text as texts
from rag.signals import alignment, contrast, order, polarity, quantities, reference
from rag.signals.analysis import Analysis, union
from rag.signals.document import Document, Stretch

# A sentence that keeps this share of an article's words in order only edits them.
NEAR_VERBATIM = 0.7


@dataclass(frozen=True)
class View:
    """A claim, the document, the stretch that carries it best, and what was said before it."""

    claim: Analysis
    document: Document
    stretch: Stretch
    before: tuple[Analysis, ...] = ()

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
    """Every signal by name, 0..1. ``held…`` is better the higher, all others the lower."""
    return dict(_held(view)) | dict(_missing(view)) | dict(_facts(view)) | dict(_sense(view))


def _held(view: View) -> Iterator[tuple[str, float]]:
    """How much of the claim stands there, as words, pairs of words, and words in order."""
    claim, document = view.claim, view.document
    yield "held_stretch", document.share(claim.content, view.said.content)
    yield "held_near", document.share(claim.content, view.near.content)
    yield "held_whole", document.share(claim.content, view.whole.content)
    yield "held_one", document.share(claim.content, view.one.content)
    neighbours = alignment.pairs(claim.order)
    yield "held_pairs", _share(neighbours, alignment.near_pairs(view.said.order))
    yield "held_pairs_whole", _share(neighbours, document.near_pairs)
    yield "held_word_pairs", _share(alignment.pairs(claim.words), document.word_pairs)
    yield "held_order", view.difference.kept
    local = tuple(_company(view))
    yield "held_company", sum(local) / len(local) if local else 1.0
    yield "strangers", _count((share < 0.26 for share in local), 3)


def _company(view: View) -> Iterator[float]:
    """For each known word of the claim: most of its neighbours that share a sentence with it."""
    claim, places = view.claim, view.document.places
    for place, stem in enumerate(claim.order):
        beside = claim.order[max(0, place - 2) : place] + claim.order[place + 1 : place + 3]
        known = [other for other in beside if other in places and other != stem]
        if stem in places and known:
            sentences = (view.document.sentences[at].content for at in places[stem])
            yield max(sum(o in content for o in known) for content in sentences) / len(known)


def _missing(view: View) -> Iterator[tuple[str, float]]:
    """Words of the claim that stand nowhere, by their kind."""
    claim, places = view.claim, view.document.places
    missing = [
        word
        for word, stem in zip(claim.words, claim.stems, strict=True)
        if stem not in places
        and word not in texts.STOP_WORDS
        and not all(texts.stem(part) in places for part in word.split("-"))
    ]
    yield "missing", min(8, len(missing)) / 8
    yield "missing_any", float(bool(missing))
    yield "missing_here", min(6, len(claim.content - view.said.content)) / 6
    plain = [word for word in missing if word.isalpha() and word not in claim.names]
    yield "missing_plain", min(5, len(plain)) / 5
    yield "missing_verb", _count((word.endswith(("ing", "ed")) for word in missing), 2)
    yield "missing_manner", float(any(word.endswith("ly") for word in missing))
    put = filter(alignment.counts, view.difference.put)
    new = [stem for stem in put if stem not in view.said.content]
    yield "edited", min(3, len(new)) / 3 if view.difference.kept >= NEAR_VERBATIM else 0.0


def _facts(view: View) -> Iterator[tuple[str, float]]:
    """Numbers, dates and names."""
    claim, said, whole = view.claim, view.said, view.whole
    here = quantities.missing(claim.quantities, said.quantities)
    yield "number_here", min(2, len(here)) / 2
    anywhere = quantities.missing(claim.quantities, whole.quantities)
    yield "number", min(2, len(anywhere)) / 2
    yield "number_any", float(bool(claim.quantities))
    yield "number_counts", float(bool(quantities.miscounted(claim.quantities, whole.quantities)))
    yield "number_elsewhere", _elsewhere(view, frozenset(q.text.lower() for q in claim.quantities))
    yield "date_here", min(2, len(claim.dates - said.dates)) / 2
    yield "date", min(2, len(claim.dates - whole.dates)) / 2
    yield "name_here", _count((n not in said.vocabulary for n in claim.names), 3)
    yield "name", _count((n not in whole.vocabulary for n in claim.names), 3)
    yield "name_any", float(bool(claim.names))
    yield "name_elsewhere", _elsewhere(view, claim.names)
    yield "pronoun", float(reference.first_pronoun(claim.words) is not None)
    yield "pronoun_subject", float(bool(reference.SUBJECTS & set(claim.words)))
    yield "pronoun_unresolved", float(reference.unresolved(claim, view.before))
    yield "pronoun_strange", float(reference.strange_gender(claim, whole))
    yield "pronoun_strange_here", float(reference.strange_gender(claim, view.near))


def _elsewhere(view: View, words: frozenset[str]) -> float:
    """How much less of the claim its worst figure or name finds around itself, 0..1."""
    best = view.document.share(view.claim.content, view.one.content)
    worst = 0.0
    for word in words:
        beside = [s for s in view.document.sentences if word in s.vocabulary]
        if beside:
            found = max(view.document.share(view.claim.content, s.content) for s in beside)
            worst = max(worst, best - found)
    return worst


def _sense(view: View) -> Iterator[tuple[str, float]]:
    """Yes or no, how sure, how many, who to whom, and how it is compared."""
    claim, said, whole = view.claim, view.said, view.whole
    yield "denied_turned", float(bool(polarity.turned(claim.text, said.text)))
    yield "denied_here", float((claim.denials > 0) != (said.denials > 0))
    yield "denied_more", float(claim.denials > said.denials)
    yield "denied_less", float(claim.denials < view.one.denials)
    yield "denied_new", float(bool(claim.denied - whole.denied))
    yield "denied_any", float(claim.denials > 0)
    yield "hedge_dropped", float(bool(said.hedges - claim.hedges))
    yield "hedge_stronger", float(bool(polarity.strengthened(claim.text, view.one.text)))
    yield "hedge_added", float(bool(claim.hedges - said.hedges))
    yield "hedge_new", float(bool(claim.hedges - whole.hedges))
    yield "insists", float(polarity.certain(claim.text) and not polarity.certain(whole.text))
    missing = claim.content - said.content
    yield "opposite_here", float(bool(contrast.clashes(missing, said.content)))
    yield "opposite", float(bool(contrast.clashes(claim.content - whole.content, whole.content)))
    compared = contrast.comparisons(claim.words) - contrast.comparisons(said.words)
    yield "compared", float(bool(compared))
    yield "how_many", float(bool(contrast.shares(claim.words) - contrast.shares(said.words)))
    yield "only", float(contrast.exclusive(claim.words) and not contrast.exclusive(said.words))
    yield "swapped", float(bool(roles_swapped(view)))
    yield "words_swapped", float(bool(view.difference.swapped and view.difference.kept > 0.5))
    yield "length", min(40, len(claim.words)) / 40
    yield "sentences_there", min(60, len(view.document.sentences)) / 60


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


def _share(pairs: frozenset[alignment.Pair], held: frozenset[alignment.Pair]) -> float:
    return len(pairs & held) / len(pairs) if pairs else 1.0


def _count(found: Iterable[bool], most: int) -> float:
    return min(most, sum(found)) / most

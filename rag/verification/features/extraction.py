"""All signals of one sentence against one document, as numbers for the fitted check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from rag import text as texts
from rag.verification.features import alignment, contrast, names_and_pronouns, numbers_and_dates
from rag.verification.features.parsing import (
    ParsedDocument,
    ParsedSentence,
    Stretch,
    join_sentences,
    parse_sentence,
)

# A sentence that keeps this share of an article's words in order only edits them.
NEAR_VERBATIM = 0.7


@dataclass(frozen=True)
class ClaimEvidence:
    """A claim, the document, the stretch that supports it best, and what was said before it.

    ``published`` is the document's day, which "yesterday" and "last year" count from.
    ``attributed`` is whether words before the claim attribute it: "Reports say that …".
    """

    claim: ParsedSentence
    document: ParsedDocument
    stretch: Stretch
    previous: tuple[ParsedSentence, ...] = ()
    published: date | None = None
    attributed: bool = False

    @cached_property
    def cited(self) -> ParsedSentence:
        """The stretch."""
        return join_sentences(self.document.sentences[self.stretch.first : self.stretch.last + 1])

    @cached_property
    def nearby(self) -> ParsedSentence:
        """The stretch with two sentences on each side."""
        start = max(0, self.stretch.first - 2)
        return join_sentences(self.document.sentences[start : self.stretch.last + 3])

    @property
    def whole(self) -> ParsedSentence:
        return self.document.whole

    @cached_property
    def closest(self) -> ParsedSentence:
        """The sentence of the stretch that holds most of the claim."""
        inside = self.document.sentences[self.stretch.first : self.stretch.last + 1]
        return max(inside, key=lambda s: self.document.share(self.claim.content, s.content))

    @cached_property
    def difference(self) -> alignment.Difference:
        return alignment.align(self.claim.stems, self.closest.stems)


def with_short_names(pair: ClaimEvidence, known: frozenset[tuple[str, str]]) -> ClaimEvidence:
    """The pair with the names of its claim as the sentences near the stretch have them.

    An article gives a full name once. Beside a sentence that has only the surname, the reader takes
    the full one for something that is not stated.

    Args:
        pair: A claim beside a stretch.
        known: The `names_and_pronouns.full_names` of the article.
    """
    text = names_and_pronouns.shorten_names(pair.claim.text, known, pair.nearby.vocabulary)
    if text == pair.claim.text:
        return pair
    claim = parse_sentence(text)
    coverage = pair.document.share(claim.content, pair.cited.content)
    return replace(pair, claim=claim, stretch=replace(pair.stretch, coverage=coverage))


def extract_features(pair: ClaimEvidence) -> dict[str, float]:
    """Every signal by name, 0..1.

    ``held…`` and ``kept…`` are better the higher, all others the lower; but those that end in
    ``_any``, ``missing_plain``, ``missing_verb`` and ``sentences_there`` only describe.
    """
    return dict(_words(pair)) | dict(_facts(pair)) | dict(_sense(pair))


def _words(pair: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """How much of the claim the document has, and which of its words it has nowhere."""
    claim, document, places = pair.claim, pair.document, pair.document.places
    yield "held_stretch", document.share(claim.content, pair.cited.content)
    yield "held_near", document.share(claim.content, pair.nearby.content)
    yield "held_one", document.share(claim.content, pair.closest.content)
    missing = [
        word
        for word, stem in zip(claim.words, claim.stems, strict=True)
        if stem not in places
        and word not in texts.STOP_WORDS
        and not all(texts.lemma(part) in places for part in word.split("-"))
    ]
    yield "missing", min(8, len(missing)) / 8
    yield "missing_one", float(bool(missing))
    yield "missing_here", min(6, len(claim.content - pair.cited.content)) / 6
    plain = [word for word in missing if word.isalpha() and word not in claim.names]
    yield "missing_plain", min(5, len(plain)) / 5
    yield "missing_verb", _count((word.endswith(("ing", "ed")) for word in missing), 2)
    yield "missing_manner", float(any(word.endswith("ly") for word in missing))
    put = filter(alignment.is_content, pair.difference.inserted)
    new = [stem for stem in put if stem not in pair.cited.content]
    yield "edited", min(3, len(new)) / 3 if pair.difference.kept >= NEAR_VERBATIM else 0.0
    yield "sentences_there", min(60, len(document.sentences)) / 60


def _facts(pair: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Numbers, dates, names, and whom a pronoun means."""
    claim, whole = pair.claim, pair.whole
    here = numbers_and_dates.missing_quantities(claim.quantities, pair.cited.quantities)
    yield "number_here", min(2, len(here)) / 2
    nowhere = numbers_and_dates.missing_quantities(claim.quantities, whole.quantities)
    figures = sum(numbers_and_dates.is_in_figures(item) for item in nowhere)
    yield "number", min(2, figures) / 2
    yield "number_word", float(len(nowhere) > figures)
    yield "number_any", float(bool(claim.quantities))
    strange = claim.dates - whole.dates
    if strange:
        strange -= numbers_and_dates.resolve_dates(whole.text, pair.published)
    yield "date", min(2, len(strange)) / 2
    unknown = names_and_pronouns.missing_names(claim.names, whole.vocabulary) if claim.names else ()
    yield "name", min(3, len(unknown)) / 3
    yield "name_one", float(bool(unknown))
    yield "name_any", float(bool(claim.names))
    yield (
        "pronoun_unresolved",
        float(names_and_pronouns.has_unresolved_pronoun(claim, pair.previous)),
    )


def _sense(pair: ClaimEvidence) -> Iterator[tuple[str, float]]:
    """Negation, tone, quantity, who did what to whom, and comparisons."""
    claim, said, near = pair.claim, pair.cited, pair.nearby
    yield "denied_any", float(claim.denials > 0)
    yield "denied_more", float(claim.denials > said.denials)
    yield "denied_alone", float(claim.denials > 0 and near.denials == 0)
    yield "denied_asserted", contrast.denied_but_asserted(claim, pair.document)
    yield "asserted_denied", float(contrast.asserted_but_denied(claim, pair.closest, pair.document))
    yield "opposite", contrast.antonym_fit(claim, pair.document)
    negative = contrast.negative_stems() - {*near.stems}
    yield "grim", _count((stem in negative for stem in {*claim.stems}), 2)
    absolute = contrast.absolute_words(claim.words) - contrast.absolute_words(pair.whole.words)
    yield "absolute", float(bool(absolute))
    compared = contrast.comparatives(claim.words) - contrast.comparatives(said.words)
    yield "compared", float(bool(compared))
    yield (
        "only",
        float(contrast.is_exclusive(claim.words) and not contrast.is_exclusive(said.words)),
    )
    yield "words_swapped", float(bool(pair.difference.swapped and pair.difference.kept > 0.5))


def swapped_roles(pair: ClaimEvidence) -> tuple[tuple[str, str], ...]:
    """Names that changed places, or that kept them while the deed was turned into a passive."""
    claim, said = pair.claim, pair.closest
    parties = frozenset(
        stem for word, stem in zip(claim.words, claim.stems, strict=True) if word in claim.names
    )
    # Grammar gives the first word its capital, so it may be a name or not.
    parties |= frozenset(claim.stems[:1]) - texts.STOP_WORDS
    if len(parties) < 2:
        return ()
    both = parties.intersection(said.stems)
    turned, other = (alignment.is_passive(alignment.around(s.text, both)) for s in (claim, said))
    return alignment.swapped_pairs(claim.stems, said.stems, parties, turned=turned != other)


def reversed_order(pair: ClaimEvidence) -> tuple[tuple[str, str], ...]:
    """A claim's first content word with later ones that the article has in reverse order.

    Like `swapped_roles` for what has no name: the perch that scared away the fishermen.
    """
    claim, said = pair.claim, pair.closest
    opens = next((s for s in claim.stems if s not in texts.STOP_WORDS and s.isalpha()), None)
    if opens is None or alignment.is_passive(claim.text) != alignment.is_passive(said.text):
        return ()
    parties = frozenset(stem for stem in claim.content if stem.isalpha())
    return tuple(p for p in alignment.swapped_pairs(claim.stems, said.stems, parties) if opens in p)


def _count(found: Iterable[bool], most: int) -> float:
    return min(most, sum(found)) / most

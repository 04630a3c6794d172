"""What an article says where it speaks of the same things: opposites, and what is denied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.verification.features import contrast

if TYPE_CHECKING:
    from rag.verification.features.document import ParsedDocument
    from rag.verification.features.parsing import ParsedSentence

# Content words on each side of a word that count as its context, in the claim and in the article.
NEIGHBOURS = 3
REACH = 5
# With this many shared neighbours, or shared words, the feature is 1.
ENOUGH_NEIGHBOURS = 3
ENOUGH_WORDS = 4


def antonym_fit(claim: ParsedSentence, document: ParsedDocument) -> float:
    """How much better an opposite fits the surroundings of a claim's word than the word, 0..1.

    "Sales rose in Asia" beside "In Asia, sales fell": the article says it the other way round.
    """
    worst = 0
    for place, stem in enumerate(claim.order):
        others = contrast.antonyms_of(stem) & document.places.keys()
        if not others:
            continue
        before = claim.order[max(0, place - NEIGHBOURS) : place]
        beside = {*before, *claim.order[place + 1 : place + 1 + NEIGHBOURS]}
        fits = max(len(beside & around) for o in others for around in _around(o, document))
        own = max((len(beside & around) for around in _around(stem, document)), default=0)
        worst = max(worst, fits - own)
    return min(ENOUGH_NEIGHBOURS, worst) / ENOUGH_NEIGHBOURS


def _around(stem: str, document: ParsedDocument) -> Iterator[set[str]]:
    """The content words around each place where an article says a word."""
    for number in document.places.get(stem, ()):
        order = document.sentences[number].order
        for place, said in enumerate(order):
            if said == stem:
                yield {*order[max(0, place - REACH) : place], *order[place + 1 : place + 1 + REACH]}


def denied_but_asserted(claim: ParsedSentence, document: ParsedDocument) -> float:
    """How much closer to a claim the article asserts what the claim denies than denies it, 0..1.

    Closeness is the number of content words that a sentence of the article shares with the claim.
    """
    asserts = denies = 0
    for number in {n for stem in claim.denied for n in document.places.get(stem, ())}:
        sentence = document.sentences[number]
        shared = len(sentence.content & claim.content)
        if claim.denied & sentence.denied:
            denies = max(denies, shared)
        else:
            asserts = max(asserts, shared)
    return min(ENOUGH_WORDS, max(0, asserts - denies)) / ENOUGH_WORDS


def asserted_but_denied(
    claim: ParsedSentence, said: ParsedSentence, document: ParsedDocument
) -> bool:
    """Whether the article denies a word of the claim, which asserts it, and nowhere asserts it."""
    turned = (said.denied & claim.content) - claim.denied
    asserted = {
        stem
        for stem in turned
        for number in document.places.get(stem, ())
        if document.sentences[number] is not said and stem not in document.sentences[number].denied
    }
    return bool(turned) and not asserted

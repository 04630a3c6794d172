"""The text that a sentence is checked against, and the stretch that supports the sentence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag import text as texts
from rag.types import Span
from rag.verification.features.parsing import ParsedSentence, join_sentences, parse_sentence

# In characters; what a longer sentence says after that is not compared.
LONGEST_SENTENCE = 2_000

# A stretch is at most this many neighbouring sentences.
LONGEST_STRETCH = 3
# Each further sentence must carry this much more of the weight to belong to the stretch.
WORTH_A_SENTENCE = 0.08


class ParsedDocument:
    """Neighbouring sentences of one article, and how rare each word is among them."""

    def __init__(self, sentences: Sequence[ParsedSentence]) -> None:
        self.sentences = tuple(sentences)
        frequency: Counter[str] = Counter()
        for sentence in self.sentences:
            frequency.update(sentence.content)
        count = len(self.sentences)
        self._weights: Mapping[str, float] = {
            stem: math.log(1 + count / n) for stem, n in frequency.items()
        }
        # A word that occurs nowhere is the rarest.
        self._rarest = math.log(2 + count)

    @cached_property
    def whole(self) -> ParsedSentence:
        return join_sentences(self.sentences)

    @cached_property
    def places(self) -> Mapping[str, tuple[int, ...]]:
        """The sentences, by index, that each content stem occurs in."""
        found: dict[str, list[int]] = {}
        for place, sentence in enumerate(self.sentences):
            for stem in sentence.content:
                found.setdefault(stem, []).append(place)
        return {stem: tuple(listed) for stem, listed in found.items()}

    def share(self, stems: frozenset[str], held: frozenset[str]) -> float:
        """Share of ``stems`` that ``held`` has, weighted by rarity, 0..1; 1 of nothing."""
        total = self.weight(stems)
        return self.weight(stems & held) / total if total else 1.0

    def weight(self, stems: Iterable[str]) -> float:
        return sum(self._weights.get(stem, self._rarest) for stem in stems)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring sentences of a document, by index, ``last`` included."""

    first: int
    last: int
    coverage: float


def best_stretch(claim: ParsedSentence, document: ParsedDocument) -> Stretch:
    """The smallest run of up to three sentences that holds most of a claim's rare words."""
    best, best_key = Stretch(0, 0, 0.0), -1.0
    sentences = document.sentences
    total = document.weight(claim.content)
    for first in range(len(sentences)):
        if not claim.content & sentences[first].content and best_key >= 0:
            continue
        held: frozenset[str] = frozenset()
        carried = 0.0
        for last in range(first, min(first + LONGEST_STRETCH, len(sentences))):
            fresh = (claim.content & sentences[last].content) - held
            held |= fresh
            carried += document.weight(fresh)
            coverage = min(1.0, carried / total) if total else 1.0
            key = coverage - WORTH_A_SENTENCE * (last - first)
            if key > best_key + 1e-9:
                best, best_key = Stretch(first, last, coverage), key
    return best


@lru_cache(maxsize=512)
def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of a passage, remembered."""
    return texts.sentences(text)


@lru_cache(maxsize=512)
def parse_document(text: str) -> ParsedDocument:
    """A text's sentences, ready to be compared with."""
    return ParsedDocument(parse_sentences(text, sentence_spans(text)))


def parse_sentences(text: str, spans: Iterable[Span]) -> tuple[ParsedSentence, ...]:
    """The sentences at ``spans``, each cut at the longest length that is compared."""
    return tuple(
        parse_sentence(text[span.start : min(span.end, span.start + LONGEST_SENTENCE)])
        for span in spans
    )

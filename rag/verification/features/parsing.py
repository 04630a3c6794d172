"""Claims and articles taken apart once, so that every signal can look at the same pieces."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag import text as texts
from rag.types import Span
from rag.verification.features import polarity
from rag.verification.features.numbers_and_dates import Quantity, extract_quantities


@dataclass(frozen=True, slots=True)
class ParsedSentence:
    """What one sentence says, in pieces.

    Attributes:
        words: All words in order, in lower case, hyphens kept.
        stems: The stem of each word; same length as ``words``.
        content: Stems of the words that are not function words, parts of hyphenated words too.
        order: The content stems in order, with repetition.
    """

    text: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    order: tuple[str, ...]
    content: frozenset[str]
    vocabulary: frozenset[str]
    quantities: tuple[Quantity, ...]
    dates: frozenset[str]
    names: frozenset[str]
    denied: frozenset[str]
    denials: int

    def written(self, form: str) -> str:
        """The word with this stem or in this lower-case form, as the text writes it."""
        for match in texts.WORD.finditer(self.text):
            for word in texts.words(match.group()):
                parts = {word, *word.split("-")}
                if form in parts | set(map(texts.lemma, parts)):
                    return match.group()
        return form


@lru_cache(maxsize=8_192)
def parse_sentence(text: str) -> ParsedSentence:
    """The pieces of a text; remembered, since the same passages come back."""
    words = texts.words(text)
    order = texts.content_lemmas(text)
    return ParsedSentence(
        text=text,
        words=words,
        stems=tuple(map(texts.lemma, words)),
        order=order,
        content=frozenset(order),
        vocabulary=frozenset(part for word in words for part in (word, *word.split("-"))),
        quantities=extract_quantities(text),
        dates=texts.date_words(text),
        names=texts.name_words(text),
        denied=polarity.denied_stems(text),
        denials=polarity.negations(text),
    )


def join_sentences(parts: Iterable[ParsedSentence]) -> ParsedSentence:
    """Neighbouring sentences read as one text, without taking it apart again."""
    listed = tuple(parts)
    if len(listed) == 1:
        return listed[0]

    def together(field: str) -> frozenset[str]:
        return frozenset[str]().union(*(getattr(part, field) for part in listed))

    return ParsedSentence(
        text=" ".join(part.text for part in listed),
        words=tuple(word for part in listed for word in part.words),
        stems=tuple(stem for part in listed for stem in part.stems),
        order=tuple(stem for part in listed for stem in part.order),
        content=together("content"),
        vocabulary=together("vocabulary"),
        quantities=tuple(item for part in listed for item in part.quantities),
        dates=together("dates"),
        names=together("names"),
        denied=together("denied"),
        denials=sum(part.denials for part in listed),
    )


CLAUSES = re.compile(r";\s+|,\s+(?:and|but|while|whereas|yet)\s+|\s+(?:while|whereas)\s+")
# A clause of fewer content words is not a claim by itself.
SHORTEST_CLAUSE = 3


def split_clauses(text: str, begin: int) -> tuple[Span, ...]:
    """The claims that a sentence joins from ``begin`` on; only one if some part is too short."""
    ends = [*CLAUSES.finditer(text, begin)]
    starts = [begin, *(match.end() for match in ends)]
    stops = [*(match.start() for match in ends), len(text)]
    spans = tuple(Span(start, stop) for start, stop in zip(starts, stops, strict=True))
    if any(len(texts.content_lemmas(text[s.start : s.end])) < SHORTEST_CLAUSE for s in spans):
        return (Span(begin, len(text)),)
    return spans


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

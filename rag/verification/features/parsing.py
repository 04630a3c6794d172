"""A text taken apart once, so that every signal can look at the same pieces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rag import text as texts
from rag.verification.features import lemmas, polarity
from rag.verification.features.quantities import Quantity, extract_quantities


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
    hedges: frozenset[str]

    def written(self, form: str) -> str:
        """The word with this stem or in this lower-case form, as the text writes it."""
        for match in texts.WORD.finditer(self.text):
            for word in texts.words(match.group()):
                parts = {word, *word.split("-")}
                if form in parts | set(map(lemmas.lemma, parts)):
                    return match.group()
        return form


@lru_cache(maxsize=8_192)
def parse_sentence(text: str) -> ParsedSentence:
    """The pieces of a text; remembered, since the same passages come back."""
    words = texts.words(text)
    order = lemmas.content_lemmas(text)
    return ParsedSentence(
        text=text,
        words=words,
        stems=tuple(map(lemmas.lemma, words)),
        order=order,
        content=frozenset(order),
        vocabulary=frozenset(part for word in words for part in (word, *word.split("-"))),
        quantities=extract_quantities(text),
        dates=texts.date_words(text),
        names=texts.name_words(text),
        denied=polarity.denied_stems(text),
        denials=texts.negations(text),
        hedges=polarity.hedge_kinds(text),
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
        hedges=together("hedges"),
    )

"""An article's own words: whole sentences of a draft, and quotations inside of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from rag import text as texts
from rag.types import Span
from rag.verification.features import attribution, polarity
from rag.verification.features.parsing import sentence_spans
from rag.verification.regions import Region

# Part of a sentence counts as the article's own words from this many words on.
FEWEST_WORDS = 6


@lru_cache(maxsize=1_024)
def strip_marks(text: str) -> str:
    """The normal form without quotation marks around it and punctuation at its ends."""
    return texts.normalize(text).text.strip(" .!?\"'")


@lru_cache(maxsize=512)
def normalize_cached(text: str) -> texts.Normalized:
    """The normal form of a passage, remembered."""
    return texts.normalize(text)


def is_verbatim(sentence: str, passage: str) -> bool:
    """Whether a text is an article's own words, and nothing left out reverses their meaning."""
    return find_verbatim(sentence, passage) is not None


def find_verbatim(sentence: str, passage: str) -> Span | None:
    """Where a passage says a text word for word, as offsets of the passage.

    Parts of sentences count from six words on, unless the rest of their sentence denies or
    hedges. None where it does not occur, or its meaning is reversed.
    """
    wanted = strip_marks(sentence)
    return next(
        (span for span in find_words(wanted, passage) if _may_stand_alone(wanted, span, passage)),
        None,
    )


def find_words(wanted: str, passage: str) -> Iterator[Span]:
    """Where a passage has some words whole, as offsets of the passage.

    Args:
        wanted: In normal form; empty words are nowhere.
        passage: In whatever spelling of spaces and quotation marks.
    """
    held = normalize_cached(passage)
    at = held.text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if not (held.text[at - 1 : at].isalnum() or held.text[end : end + 1].isalnum()):
            yield Span(held.offsets[at], held.offsets[end - 1] + 1)
        at = held.text.find(wanted, at + 1)


def _may_stand_alone(wanted: str, span: Span, passage: str) -> bool:
    """Whether a stretch can stand for the sentences that it touches."""
    inside = [s for s in sentence_spans(passage) if s.start < span.end and span.start < s.end]
    if not inside:
        return False
    around = passage[inside[0].start : inside[-1].end]
    if strip_marks(around) == wanted:
        return True
    if len(wanted.split()) < FEWEST_WORDS:
        return False
    rest = passage[inside[0].start : span.start], passage[span.end : inside[-1].end]
    if attribution.is_reported_speech(rest[0]):
        return False
    return not any(polarity.negations(part) or polarity.hedge_kinds(part) for part in rest)


QUOTATION = re.compile(r"(?<!\w)[“\"«]([^“”\"«»]{3,400})[”\"»]")
# A quotation of fewer words matches anything and proves nothing.
SHORTEST_QUOTATION = 4
# A tolerant hit has the same words, but for at most this share of characters.
TOLERANT = 0.9


class MissingQuotation(NamedTuple):
    """A quotation that no article contains, and where it is in the sentence."""

    text: str
    span: Span


class QuotationIndex:
    """Finds quotations in the evidence."""

    def __init__(self, found: Sequence[Region]) -> None:
        self._regions = found
        self._titles = [normalize_cached(region.source.title).text for region in found]

    def restore(self, sentence: str) -> tuple[str, MissingQuotation | None]:
        """The sentence with the source's own words in its quotations, and the first missing one.

        Where the words differ only in spelling or punctuation, the article's are put in.
        """
        pieces: list[str] = []
        last = 0
        missing: MissingQuotation | None = None
        for match in QUOTATION.finditer(sentence):
            quoted = match.group(1)
            if len(quoted.split()) < SHORTEST_QUOTATION:
                continue
            if any(normalize_cached(quoted).text.strip(" .,") in title for title in self._titles):
                continue
            own = self._own_words(quoted)
            if own is None:
                missing = missing or MissingQuotation(quoted, Span(*match.span(1)))
            elif texts.normalize(own).text != texts.normalize(quoted).text.strip(" .,!?;:"):
                pieces.extend((sentence[last : match.start(1)], own))
                last = match.end(1)
        if missing is not None:
            return sentence, missing
        return "".join((*pieces, sentence[last:])), None

    def _own_words(self, quoted: str) -> str | None:
        wanted = texts.normalize(quoted).text.strip(" .,!?;:\"'")
        for region in self._regions:
            span = normalize_cached(region.text).find(wanted)
            if span is not None and _whole_words(region.text, span):
                return region.text[span.start : span.end]
        return next(filter(None, (tolerant(wanted, r.text) for r in self._regions)), None)


def quotes_speech(sentence: str) -> bool:
    """Whether a sentence has a quotation that is long enough to be somebody's words."""
    found = QUOTATION.finditer(sentence)
    return any(len(match.group(1).split()) >= SHORTEST_QUOTATION for match in found)


def tolerant(wanted: str, text: str) -> str | None:
    """The words of a text that read like ``wanted`` but for spelling; None if none do.

    Every number and negation must be the same, and the words as many.
    """
    words = [*texts.WORD.finditer(text)]
    count = len(wanted.split())
    first = texts.words(wanted)[:1]
    letters = _letters(wanted)
    for place, match in enumerate(words):
        if texts.words(match.group())[:1] != first or place + count > len(words):
            continue
        end = words[place + count - 1].end()
        own = text[match.start() : end]
        if "\n" in own or _digits(own) != _digits(wanted) or _no(own) != _no(wanted):
            continue
        if SequenceMatcher(None, letters, _letters(own), autojunk=False).ratio() >= TOLERANT and (
            _all_near(wanted, own)
        ):
            return own
    return None


def _all_near(one: str, other: str) -> bool:
    """Whether each word is the other's but for one or two letters."""
    pairs = zip(texts.words(one), texts.words(other), strict=False)
    return all(a == b or SequenceMatcher(None, a, b).ratio() >= 0.8 for a, b in pairs)


def _letters(text: str) -> str:
    return " ".join(texts.words(text))


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _no(text: str) -> bool:
    return bool({"not", "no", "never"} & set(texts.words(text)) or "n't" in text.replace("’", "'"))


def _whole_words(text: str, span: Span) -> bool:
    return not (
        text[max(0, span.start - 1) : span.start].isalnum()
        or text[span.end : span.end + 1].isalnum()
    )

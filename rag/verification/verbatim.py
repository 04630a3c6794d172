"""Whether an article says a text word for word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rag import text as texts
from rag.types import Span
from rag.verification.features import attribution, polarity
from rag.verification.features.document import sentence_spans

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
    return not any(texts.negations(part) or polarity.hedge_kinds(part) for part in rest)

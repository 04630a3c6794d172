"""How sure it is that an article carries a sentence: the fitted check, as a probability."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rag import text as texts
from rag.types import Source, Span
from rag.verification import contradictions
from rag.verification.contradictions import Conflict
from rag.verification.model import load_model
from rag.verification.signals import attribution, polarity
from rag.verification.signals.analysis import Analysis, analyse
from rag.verification.signals.document import Document, best_stretch
from rag.verification.signals.features import NEAR_VERBATIM, View, measure

# Part of a sentence counts as the article's own words from this many words on.
FEWEST_WORDS = 6
# A sentence is compared by so many characters; no honest one is longer.
LONGEST_SENTENCE = 2_000
# A text with less of its weighted words around the best stretch is about something else.
ABOUT_IT = 0.25
# Of a longer text, in characters, the rest is not looked at.
LONGEST_TEXT = 20_000


def signals_of(view: View, found: Sequence[Conflict]) -> dict[str, float]:
    """What the fitted check looks at: every signal, and whether the rules object to an edit."""
    measured = measure(view)
    return measured | {
        "stranger": float(measured["held_near"] < ABOUT_IT),
        "kept_clean": float(not found and view.difference.kept >= NEAR_VERBATIM),
    }


@lru_cache(maxsize=512)
def document(text: str) -> Document:
    """A text's sentences, ready to be compared with."""
    spans = sentence_spans(text)
    return Document(
        [analyse(text[s.start : min(s.end, s.start + LONGEST_SENTENCE)]) for s in spans]
    )


@lru_cache(maxsize=1_024)
def bare(text: str) -> str:
    """The normal form without quotation marks around it and punctuation at its ends."""
    return texts.normalize(text).text.strip(" .!?\"'")


@lru_cache(maxsize=512)
def normal(text: str) -> texts.Normalized:
    """The normal form of a passage, remembered."""
    return texts.normalize(text)


def score(passage: str, sentence: str, source: Source | None = None) -> float:
    """Probability, 0..1, that a passage supports a text; of several sentences, of the worst one.

    This is what is measured on public pairs of passage and claim.
    """
    if is_verbatim(sentence, passage):
        return load_model().verbatim
    signals = pair_signals(passage, sentence, source)
    return load_model().probability(signals) if signals else 0.0


def pair_signals(passage: str, text: str, source: Source | None = None) -> dict[str, float]:
    """The signals of a passage and a text of any length: for each signal its worst sentence.

    Empty if one of the two says nothing.
    """
    held = document(passage)
    pieces = claims_in(text)
    merged: dict[str, float] = {}
    published = source.published if source else None
    for place, piece in enumerate(pieces if held.sentences else ()):
        view = View(piece, held, best_stretch(piece, held), tuple(pieces[:place]), published)
        for name, value in signals_of(view, contradictions.find(view, source)).items():
            worse = min if name.startswith(("held", "kept")) else max
            merged[name] = worse(merged.get(name, value), value)
    return merged


def claims_in(text: str) -> tuple[Analysis, ...]:
    """The sentences of a text that hold content."""
    spans = texts.sentences(text[:LONGEST_TEXT])
    analysed = (analyse(text[s.start : min(s.end, s.start + LONGEST_SENTENCE)]) for s in spans)
    return tuple(item for item in analysed if item.content)


def is_verbatim(sentence: str, passage: str) -> bool:
    """Whether a text is an article's own words, and nothing left out of them turns them round."""
    return verbatim_at(sentence, passage) is not None


def verbatim_at(sentence: str, passage: str) -> Span | None:
    """Where a passage says a text word for word, as offsets of the passage.

    Parts of sentences count from six words on, unless the rest of their sentence denies or
    hedges. None where it does not stand, or turned round.
    """
    wanted, held = bare(sentence), normal(passage)
    at = held.text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        inner = held.text[at - 1 : at].isalnum() or held.text[end : end + 1].isalnum()
        span = Span(held.offsets[at], held.offsets[end - 1] + 1)
        if not inner and _is_whole(wanted, span, passage):
            return span
        at = held.text.find(wanted, at + 1)
    return None


def _is_whole(wanted: str, span: Span, passage: str) -> bool:
    """Whether a stretch can stand for the sentences that it touches."""
    inside = [s for s in sentence_spans(passage) if s.start < span.end and span.start < s.end]
    if not inside:
        return False
    around = passage[inside[0].start : inside[-1].end]
    if bare(around) == wanted:
        return True
    if len(wanted.split()) < FEWEST_WORDS:
        return False
    rest = passage[inside[0].start : span.start], passage[span.end : inside[-1].end]
    if attribution.is_put_in_a_mouth(rest[0]):
        return False
    return not any(texts.negations(part) or polarity.hedges(part) for part in rest)


@lru_cache(maxsize=512)
def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of a passage, remembered."""
    return texts.sentences(text)

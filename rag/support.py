"""How sure it is that an article carries a sentence: the fitted check, as a probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rag import conflicts, fitted
from rag import text as texts
from rag.conflicts import Conflict
from rag.signals.analysis import Analysis, analyse
from rag.signals.document import Document, best_stretch
from rag.signals.features import NEAR_VERBATIM, View, measure
from rag.types import Source

# Of a longer text, in characters, the rest is not looked at.
LONGEST_TEXT = 20_000


def probability(signals: Mapping[str, float]) -> float:
    """The fitted probability, 0..1, that signals such as these come from support."""
    total = fitted.BIAS + sum(w * signals.get(name, 0.0) for name, w in fitted.WEIGHTS.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def signals_of(view: View, found: Sequence[Conflict]) -> dict[str, float]:
    """What the fitted check looks at: every signal, and how many conflicts the rules found."""
    hard = sum(conflict.hard for conflict in found)
    return measure(view) | {
        "conflicts_hard": min(2, hard) / 2,
        "conflicts_soft": min(2, len(found) - hard) / 2,
        "contradicted": float(any(c.against for c in found)),
        "kept_clean": float(not found and view.difference.kept >= NEAR_VERBATIM),
    }


@lru_cache(maxsize=512)
def document(text: str) -> Document:
    """A text's sentences, ready to be compared with."""
    spans = texts.sentences(text)
    return Document([analyse(text[s.start : s.end]) for s in spans])


@lru_cache(maxsize=1_024)
def bare(text: str) -> str:
    """The normal form without quotation marks around it and punctuation at its ends."""
    return texts.normalize(text).text.strip(" .!?\"'")


def score(passage: str, sentence: str, source: Source | None = None) -> float:
    """Probability, 0..1, that a passage supports a text; of several sentences, of the worst one.

    This is what is measured on public pairs of passage and claim.
    """
    if is_verbatim(sentence, passage):
        return fitted.VERBATIM
    signals = pair_signals(passage, sentence, source)
    return probability(signals) if signals else 0.0


def pair_signals(passage: str, text: str, source: Source | None = None) -> dict[str, float]:
    """The signals of a passage and a text of any length: for each signal its worst sentence.

    Empty if one of the two says nothing.
    """
    held = document(passage)
    pieces = claims_in(text)
    merged: dict[str, float] = {}
    for place, piece in enumerate(pieces if held.sentences else ()):
        view = View(piece, held, best_stretch(piece, held), tuple(pieces[:place]))
        for name, value in signals_of(view, conflicts.find(view, source)).items():
            worse = min if name.startswith(("held", "kept")) else max
            merged[name] = worse(merged.get(name, value), value)
    return merged


def claims_in(text: str) -> tuple[Analysis, ...]:
    """The sentences of a text that hold content."""
    spans = texts.sentences(text[:LONGEST_TEXT])
    analysed = (analyse(text[s.start : s.end]) for s in spans)
    return tuple(item for item in analysed if item.content)


def is_verbatim(sentence: str, passage: str) -> bool:
    """Whether a text is one or more whole sentences of a passage, word for word."""
    wanted, said = bare(sentence), texts.normalize(passage).text
    at = said.find(wanted) if len(wanted.split()) > 2 else -1
    while at >= 0:
        before = said[:at].rstrip(" \"'")
        after = said[at + len(wanted) :].lstrip("\"'")
        starts = not before or before[-1] in ".!?:…"
        if starts and (not after or after[0] in ".!?…"):
            return True
        at = said.find(wanted, at + 1)
    return False

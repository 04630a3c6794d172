"""How likely a text supports a claim: the fitted logistic model, and its measured error rates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rag import text as texts
from rag.data import read_json
from rag.types import Source
from rag.verification.claim_conflicts import Conflict, find_conflicts
from rag.verification.features.extraction import NEAR_VERBATIM, ClaimEvidence, extract_features
from rag.verification.features.parsing import (
    ParsedSentence,
    best_stretch,
    parse_document,
    parse_sentences,
)
from rag.verification.quotations import is_verbatim


@dataclass(frozen=True, slots=True)
class VerifierModel:
    """Fitted weights on features in 0..1.

    Attributes:
        bias: In logits.
        below: Factor on negative logits, where one slope for all is too flat.
        verbatim: The probability of whole article sentences, word for word; set, not fitted.
        weights: By feature; each has the sign that its feature means.
    """

    bias: float
    below: float
    verbatim: float
    weights: Mapping[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """How likely such features come from support, 0..1.

        0.9 means nine in ten where half of the claims are supported.
        """
        total = self.bias + sum(w * features.get(name, 0.0) for name, w in self.weights.items())
        if total < 0:
            total *= self.below
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load_verifier_model() -> VerifierModel:
    """The model of ``verifier.json``, which names the command that fits it."""
    stored = read_json("verifier.json")
    names = ("bias", "below", "verbatim", "weights")
    return VerifierModel(*(stored[name] for name in names))


# A text with less of its weighted words around the best stretch is about something else.
ABOUT_IT = 0.25
# In characters; the rest of a longer text is not looked at.
LONGEST_TEXT = 20_000


def model_features(pair: ClaimEvidence, conflicts: Sequence[Conflict]) -> dict[str, float]:
    """The features that the model weighs, 0..1: those of the pair, and those of its conflicts."""
    extracted = extract_features(pair)
    return extracted | {
        "stranger": float(extracted["held_near"] < ABOUT_IT),
        "kept_clean": float(not conflicts and pair.difference.kept >= NEAR_VERBATIM),
    }


def support_score(passage: str, sentence: str, source: Source | None = None) -> float:
    """Probability, 0..1, that a passage supports a text; of several sentences, of the worst one.

    This is what is measured on public pairs of passage and claim.
    """
    if is_verbatim(sentence, passage):
        return load_verifier_model().verbatim
    features = support_features(passage, sentence, source)
    return load_verifier_model().probability(features) if features else 0.0


def support_features(passage: str, text: str, source: Source | None = None) -> dict[str, float]:
    """The features of a passage and a text of any length: for each feature its worst sentence.

    Empty if one of the two has no content words.
    """
    document = parse_document(passage)
    claims = claim_sentences(text)
    merged: dict[str, float] = {}
    published = source.published if source else None
    for place, claim in enumerate(claims if document.sentences else ()):
        stretch = best_stretch(claim, document)
        pair = ClaimEvidence(claim, document, stretch, claims[:place], published)
        for name, value in model_features(pair, find_conflicts(pair, source)).items():
            worse = min if name.startswith(("held", "kept")) else max
            merged[name] = worse(merged.get(name, value), value)
    return merged


def claim_sentences(text: str) -> tuple[ParsedSentence, ...]:
    """The sentences of a text that hold content words."""
    shortened = text[:LONGEST_TEXT]
    parsed = parse_sentences(shortened, texts.sentences(shortened))
    return tuple(sentence for sentence in parsed if sentence.content)


def verifier_metrics() -> Mapping[str, Any] | None:
    """What ``python -m eval verifier --publish`` stored; None if it is missing or damaged.

    Keys: ``families`` (by dataset, with ``accuracy`` and ``auroc``), ``mean``, ``caught`` and
    ``false_alarms`` (planted errors), ``controls``, ``brier``, ``pairs``, ``measured`` (a day).
    Rates are in 0..1; each comes with ``low`` and ``high``, a 95 % interval, and ``n``.
    """
    try:
        return read_json("verifier_metrics.json")
    except (OSError, ValueError):
        return None

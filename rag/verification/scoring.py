"""How likely a text supports a claim, as a probability."""

from __future__ import annotations

from collections.abc import Sequence

from rag import text as texts
from rag.types import Source
from rag.verification.claim_conflicts import Conflict, find_conflicts
from rag.verification.features.document import best_stretch, parse_document, parse_sentences
from rag.verification.features.extraction import NEAR_VERBATIM, ClaimEvidence, extract_features
from rag.verification.features.parsing import ParsedSentence
from rag.verification.model import load_verifier_model
from rag.verification.verbatim import is_verbatim

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

"""Verification: does an article say what a sentence says?

`Verifier` verifies the sentences of a draft against evidence, `verify` a whole draft at once.
"""

from rag.verification.candidates import ClaimReader, LoadReader
from rag.verification.drafts import verify, verify_pieces
from rag.verification.no_claim import is_no_claim, no_claim_sentence
from rag.verification.secondary import (
    SecondaryReview,
    SecondaryVerifier,
    TextVerifier,
    load_checker,
    load_secondary_verifier,
    make_secondary_review,
    secondary_score,
)
from rag.verification.support_model import support_features, support_score, verifier_metrics
from rag.verification.verdicts import START, DraftContext, Verified
from rag.verification.verifier import LookUp, Verifier

__all__ = [
    "START",
    "ClaimReader",
    "DraftContext",
    "LoadReader",
    "LookUp",
    "SecondaryReview",
    "SecondaryVerifier",
    "TextVerifier",
    "Verified",
    "Verifier",
    "is_no_claim",
    "load_checker",
    "load_secondary_verifier",
    "make_secondary_review",
    "no_claim_sentence",
    "secondary_score",
    "support_features",
    "support_score",
    "verifier_metrics",
    "verify",
    "verify_pieces",
]

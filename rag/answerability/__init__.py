"""Assesses whether the evidence answers a question, and explains a refusal."""

from rag.answerability.assessment import ANSWERABLE, HOPELESS, Assessment, assess
from rag.answerability.publishers import TALK, without_publishers
from rag.answerability.refusal import (
    explain_refusal,
    headlines,
    in_language_of,
    is_empty_query,
    low_confidence_note,
    nearest_articles,
    nearest_without_filter,
    said_of,
)
from rag.answerability.sentence_scoring import (
    ScoredSentence,
    SentenceScorer,
    asked_stems,
    rarity,
    weighted_share,
)

__all__ = [
    "ANSWERABLE",
    "HOPELESS",
    "TALK",
    "Assessment",
    "ScoredSentence",
    "SentenceScorer",
    "asked_stems",
    "assess",
    "explain_refusal",
    "headlines",
    "in_language_of",
    "is_empty_query",
    "low_confidence_note",
    "nearest_articles",
    "nearest_without_filter",
    "rarity",
    "said_of",
    "weighted_share",
    "without_publishers",
]

"""Predicts whether the evidence answers a question. If not, no backend is asked."""

from __future__ import annotations

from collections.abc import Sequence

from rag import text as texts
from rag.answerability.boosted_trees import load_trees, probability
from rag.answerability.features import Features
from rag.query import LONG_QUESTION, Query
from rag.retrieval import SearchResult
from rag.types import Evidence

ANSWERABLE = 0.5
# A language model can say itself that the articles do not answer, so it is asked from this chance
# on. In cross-validation one answerable question in a hundred and a third of the others lie below.
HOPELESS = 0.1


def is_out_of_scope(found: SearchResult) -> bool:
    """Whether a short question asks for publishers or days that no article here has, or for "it".

    A passage that mentions the year brings the question back into scope. If only one article was
    searched, a pronoun may stand for its subject.
    """
    query = found.query
    several = len({item.source.id for item in found.evidence}) > 1
    if several and dangling_pronoun(query, found.evidence):
        return True
    if len(query.text.split()) >= LONG_QUESTION:
        return False
    if query.only_missing or ((query.unreal or query.ambiguous) and not query.periods):
        return True
    years = set(texts.YEAR.findall(query.text))
    told = any(year in item.passage.text for item in found.evidence for year in years)
    return found.outside_dates and bool(years) and not told


def dangling_pronoun(query: Query, evidence: Sequence[Evidence]) -> str:
    """The pronoun of a question that names nothing: *who built it?*; empty for others.

    People type names in lower case, so a word that passages write as a name is one.
    """
    pronoun = query.lone_pronoun
    asked = texts.words(query.text) if pronoun else ()
    named = (texts.name_words(item.passage.text) for item in evidence)
    return "" if any(not names.isdisjoint(asked) for names in named) else pronoun


def predict(features: Features) -> float:
    """Probability, 0..1, that the evidence answers the question."""
    return probability(*load_trees(), features.values())

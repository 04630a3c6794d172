"""Assesses whether the evidence for a question answers it, by gradient-boosted trees.

If it does not, no backend is asked. ``rag/data/answerability.json`` has the fitted trees.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from rag import text as texts
from rag.answerability.features import Features, features, logit
from rag.answerability.sentence_scoring import SentenceScorer
from rag.data import read_json
from rag.query import LONG_QUESTION, Query
from rag.retrieval import READ_AGAIN, Retriever, SearchResult, load_reranker
from rag.types import Evidence, Filters

# A leaf is its value; a node asks whether a feature is at most a threshold and has a subtree for
# yes, one for no, and the answer for a feature that is unknown.
Tree = float | tuple[str, float, bool, "Tree", "Tree"]


def evaluate(tree: Tree, values: Mapping[str, float | None]) -> float:
    """The value of the leaf that the features lead to; None means unknown."""
    while isinstance(tree, tuple):
        name, threshold, unknown_is_less, less, more = tree
        value = values[name]
        goes_left = unknown_is_less if value is None else value <= threshold
        tree = less if goes_left else more
    return tree


def probability(bias: float, trees: tuple[Tree, ...], values: Mapping[str, float | None]) -> float:
    """The probability, 0..1, that the summed trees give for these features."""
    total = bias + sum(evaluate(tree, values) for tree in trees)
    return 1.0 / (1.0 + math.exp(-max(min(total, 50.0), -50.0)))


@cache
def load_trees() -> tuple[float, tuple[Tree, ...]]:
    """Bias and trees of the fitted model; the file names the command that fits them."""
    stored = read_json("answerability.json")
    return stored["bias"], tuple(_tree(node) for node in stored["trees"])


def _tree(node: object) -> Tree:
    if not isinstance(node, list):
        return float(str(node))
    name, threshold, unknown_is_less, less, more = node
    return (str(name), float(threshold), bool(unknown_is_less), _tree(less), _tree(more))


ANSWERABLE = 0.5
# A language model can say itself that the articles do not answer, so it is asked from this chance
# on. In cross-validation one answerable question in a hundred and a third of the others lie below.
HOPELESS = 0.1
# What the trees overrate a short question by, in logits, among 10,000 passages; less among fewer,
# nothing up to this size (100 passages). Of 160 such questions about 609 articles that were in no
# fit, one of eleven with a chance of .5 to .6 was answerable. With this, .788 of the near misses
# are refused instead of .662, and .738 instead of .750 of the others are answered rightly; of 120
# others, asked once, .783 instead of .650 and .750 instead of .800.
OVERRATED, FITTED_SIZE = 0.4, 0.5


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
    chance = probability(*load_trees(), features.values())
    large = (features.size - FITTED_SIZE) / (1.0 - FITTED_SIZE)
    if features.length >= 1.0 or large <= 0.0:
        return chance
    return 1.0 / (1.0 + math.exp(OVERRATED * large - logit(chance)))


@dataclass(frozen=True, slots=True)
class Assessment:
    """The evidence for a question and whether it answers it.

    Attributes:
        features: What the chance was predicted from; None where it is set.
        chance: Probability, 0..1, that the evidence answers the question.
        outside_dates: Whether the question names days on which no article was published.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    features: Features | None
    chance: float
    outside_dates: bool = False

    @property
    def answers(self) -> bool:
        """Whether the evidence answers the question with enough probability to be quoted."""
        return self.chance >= ANSWERABLE


def assess(
    query: Query,
    retriever: Retriever,
    scorer: SentenceScorer,
    k: int,
    filters: Filters | None = None,
    reranker: Path | None = None,
) -> Assessment:
    """Searches for a question and assesses the evidence.

    Args:
        query: The parsed question.
        retriever: Searches the library.
        scorer: Scores sentences; the backend reuses its scores.
        k: How many passages of evidence.
        filters: Which articles may be used.
        reranker: Folder of a model that reorders the evidence, see `rag.retrieval.rerank`.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    found = retriever.find(query, max(k, READ_AGAIN) if reranker else k, filters=filters)
    if reranker:
        ordered = load_reranker(reranker).order(query.text, found.evidence, k)
        found = replace(found, evidence=ordered)
    found = replace(found, evidence=retriever.sendable(found.evidence))
    scored = scorer.score(query.text, found.evidence)
    known = features(found, scored, retriever.rarity)
    chance = 0.0 if is_out_of_scope(found) else predict(known)
    return Assessment(query, found.evidence, known, chance, found.outside_dates)

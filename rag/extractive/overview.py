"""A line for each article where all of a kind are asked for, whatever they are about."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answerability.sentence_scoring import ScoredSentence
from rag.extractive.sentence_quality import balanced, is_fragment, leans_back, speaks_of_itself

# A line that stands for a whole article has so many words.
LEAST_WORDS = 6


def first_each(scored: Sequence[ScoredSentence], most: int) -> tuple[int, ...]:
    """Places of the first sentence of each article that can be understood alone.

    First in the article, as far as its passages are among the evidence.
    """
    first: dict[str, int] = {}
    for place, item in enumerate(scored):
        source = item.evidence.source.id
        if _can_stand(item) and (
            source not in first or item.span.start < scored[first[source]].span.start
        ):
            first[source] = place
    return tuple(first.values())[:most]


def _can_stand(item: ScoredSentence) -> bool:
    said = item.text
    whole = item.answers and balanced(said) and len(said.split()) >= LEAST_WORDS
    return whole and not (is_fragment(said) or leans_back(said) or speaks_of_itself(said))

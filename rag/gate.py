"""Whether the evidence speaks to the question at all. If not, no backend is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from rag import facts
from rag import text as texts
from rag.types import Evidence, Source


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells an answerable question from another; all in 0..1 but for cosines (-1..1).

    Attributes:
        best_cosine: The best sentence's cosine with the question.
        mean_cosine: Mean of the five best sentences' cosines.
        best_words: Weighted share of the question's words in the best sentence.
        all_words: Weighted share of the question's words anywhere in the evidence.
        names_missing: Share of the question's names and figures found nowhere in the evidence.
    """

    best_cosine: float
    mean_cosine: float
    best_words: float
    all_words: float
    names_missing: float


# Logistic regression over the signals. PROVISIONAL
WEIGHTS = Signals(best_cosine=6.0, mean_cosine=2.0, best_words=1.5, all_words=3.0, names_missing=-3.0)
BIAS = -5.0
ANSWERABLE = 0.5


def answerable(signals: Signals) -> float:
    """Probability, 0..1, that the evidence answers the question."""
    terms = zip(astuple(WEIGHTS), astuple(signals), strict=True)
    return 1.0 / (1.0 + math.exp(-(BIAS + sum(weight * value for weight, value in terms))))


def words_found(question: str, evidence: Sequence[Evidence]) -> float:
    """Share of the question's content words that stand somewhere in the evidence, 0..1."""
    asked = frozenset(texts.content_stems(question))
    held = {
        stem
        for item in evidence
        for stem in texts.content_stems(f"{item.source.title}\n{item.passage.text}")
    }
    return len(asked & held) / len(asked) if asked else 0.0


def names_missing(question: str, evidence: Sequence[Evidence]) -> float:
    """Share of the question's names and figures that stand nowhere in the evidence; 0 if none."""
    asked = facts.name_words(question)
    figures = facts.numbers(question)
    if not asked and not figures:
        return 0.0
    words: set[str] = set()
    held: list[facts.Number] = []
    for item in evidence:
        said = f"{item.source.title}\n{item.source.byline}\n{item.passage.text}"
        words.update(part for word in texts.words(said) for part in (word, *word.split("-")))
        held.extend(facts.numbers(said))
    missing = sum(not _stands_among(name, words) for name in asked)
    missing += sum(not any(facts.same_number(f, n) for n in held) for f in figures)
    return missing / (len(asked) + len(figures))


def _stands_among(name: str, words: set[str]) -> bool:
    return name in words or all(part in words for part in name.split("-"))


def refusal_text(nearest: Sequence[Source]) -> tuple[str, ...]:
    """What a refusal says: that the articles do not say it, and the nearest headlines."""
    if not nearest:
        return ("No article of this library has to do with it.",)
    titles = [f"“{s.title}”" + (f" ({s.byline})" if s.byline else "") for s in nearest]
    listed = titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
    return (f"The nearest to it: {listed}.",)

"""How many planted errors are caught, and how many true sentences are doubted for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.metrics import Estimate, rate
from eval.planting import KINDS, Planted, plant
from rag import Filters, Library, Sentence, verify


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the check said; ``passed`` if it found everything supported."""

    planted: Planted
    sentences: tuple[Sentence, ...]

    @property
    def passed(self) -> bool:
        return all(s.verdict in ("supported", "no_claim") for s in self.sentences) and any(
            s.verdict == "supported" for s in self.sentences
        )


def run(library: Library, per_kind: int = 50) -> tuple[Outcome, ...]:
    """Every planted sentence against the passages that a search in its article finds."""
    articles = [library.article(summary.source.id) for summary in library.articles()]
    return tuple(_outcomes(library, plant(articles, per_kind)))


def _outcomes(library: Library, planted: Sequence[Planted]) -> Iterator[Outcome]:
    for item in planted:
        only = Filters(articles=(item.article.source.id,))
        evidence = library.search(item.text[:2_000], k=8, filters=only)
        yield Outcome(item, verify(item.text, evidence))


def caught_by_kind(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Share of each kind of error that was not passed, all kinds together as ``all``."""
    wrong = [o for o in outcomes if o.planted.kind]
    table = {
        kind: rate([not o.passed for o in wrong if o.planted.kind == kind])
        for kind in KINDS
        if any(o.planted.kind == kind for o in wrong)
    }
    return {**table, "all": rate([not o.passed for o in wrong])}


def false_alarms(outcomes: Sequence[Outcome]) -> Estimate:
    """Share of true sentences that were not passed."""
    return rate([not o.passed for o in outcomes if not o.planted.kind])

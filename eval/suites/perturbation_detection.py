"""How many perturbed sentences the verifier detects, and how many true ones it doubts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.metrics import Estimate, rate
from eval.suites.perturbation import KINDS, Perturbed, perturb
from rag import Filters, Library, OptionalReader, Sentence, verify


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdicts on one sentence."""

    perturbed: Perturbed
    sentences: tuple[Sentence, ...]

    @property
    def passed(self) -> bool:
        """Whether everything it says was found supported."""
        return all(s.verdict in ("supported", "no_claim") for s in self.sentences) and any(
            s.verdict == "supported" for s in self.sentences
        )


def detect(library: Library, per_kind: int = 50) -> tuple[Outcome, ...]:
    """Verifies every sentence as in answers, against what a search in its article finds."""
    articles = [library.article(summary.source.id) for summary in library.articles()]
    return tuple(_outcomes(library, perturb(articles, per_kind)))


def _outcomes(library: Library, perturbed: Sequence[Perturbed]) -> Iterator[Outcome]:
    reader = OptionalReader()
    for item in perturbed:
        only = Filters(articles=(item.article.source.id,))
        evidence = library.search(item.text[:2_000], k=8, filters=only)
        yield Outcome(item, verify(item.text, evidence, reader=reader))


def detected_by_kind(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Share of each kind of error that was detected; ``all`` is all kinds together."""
    wrong = [o for o in outcomes if o.perturbed.kind]
    table = {
        kind: rate([not o.passed for o in wrong if o.perturbed.kind == kind])
        for kind in KINDS
        if any(o.perturbed.kind == kind for o in wrong)
    }
    return {**table, "all": rate([not o.passed for o in wrong])}


def false_alarms(outcomes: Sequence[Outcome]) -> Estimate:
    """Share of the true sentences that were doubted."""
    return rate([not o.passed for o in outcomes if not o.perturbed.kind])

"""How likely one stretch of an article carries a sentence, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.types import Citation, Verdict
from rag.verification import contradictions as conflicts
from rag.verification import support
from rag.verification.contradictions import Conflict
from rag.verification.model import load_model
from rag.verification.regions import Region
from rag.verification.signals.features import NEAR_VERBATIM, View

# The fixed thresholds. A probability of one half is where the fitted check balances its two kinds
# of error; the share of a sentence's weighted words that must stand in the cited stretch is
# stricter than that: a missing footnote does less harm than one that does not say it.
SUPPORTED = 0.5
PARTLY = 0.35
WORDS_SUPPORTED = 0.7
WORDS_PARTLY = 0.5
# Fewer content words match anything.
FEWEST_WORDS = 2
STANDING: Mapping[Verdict, int] = {"unsupported": 0, "no_claim": 0, "partly": 1, "supported": 2}


@dataclass(frozen=True)
class Reading:
    """How well one stretch of a region carries a claim."""

    region: Region
    view: View
    conflicts: tuple[Conflict, ...]
    verbatim: tuple[int, int] | None = None

    @cached_property
    def probability(self) -> float:
        if self.verbatim:
            return load_model().verbatim
        return load_model().probability(support.signals_of(self.view, self.conflicts))

    @property
    def coverage(self) -> float:
        return 1.0 if self.verbatim else self.view.stretch.coverage

    @cached_property
    def verdict(self) -> Verdict:
        grave = conflicts.worst(self.conflicts)
        if self.verbatim:
            return "supported"
        if grave in ("against", "hard") or len(self.view.claim.content) < FEWEST_WORDS:
            return "unsupported"
        likely = self.probability >= SUPPORTED and self.coverage >= WORDS_SUPPORTED
        if (likely or self._edits_cleanly) and grave is None:
            return "supported"
        return "partly" if self.coverage >= WORDS_PARTLY else "unsupported"

    @property
    def _edits_cleanly(self) -> bool:
        """Whether the claim is the article's own words, shortened or moved, and nothing new."""
        return self.view.difference.kept >= NEAR_VERBATIM and self.coverage >= 0.9

    @property
    def support(self) -> float:
        """The probability, kept on the verdict's own side of one half."""
        if self.verdict == "supported":
            return max(self.probability, load_model().verbatim if self.verbatim else SUPPORTED)
        return min(self.probability, 0.49 if self.verdict == "partly" else PARTLY)

    def standing(self, marks: Sequence[int]) -> tuple[int, float]:
        """What the best of several readings has most of; a mark breaks ties."""
        named = 0.01 * bool(set(self.region.ranks) & set(marks))
        return STANDING[self.verdict], self.coverage + named

    @property
    def contradicts(self) -> bool:
        return conflicts.worst(self.conflicts) == "against" and self.coverage >= WORDS_SUPPORTED

    @property
    def quote(self) -> str:
        return self.cite().quote

    def cite(self) -> Citation:
        stretch = self.view.stretch
        return self.region.cite(*(self.verbatim or (stretch.first, stretch.last)))

"""The claims that one sentence joins: "The bridge opened, and the ferry closed."."""

from __future__ import annotations

import re

from rag.types import Span
from rag.verification.features import lemmas

CLAUSES = re.compile(r";\s+|,\s+(?:and|but|while|whereas|yet)\s+|\s+(?:while|whereas)\s+")
# A clause of fewer content words is not a claim by itself.
SHORTEST_CLAUSE = 3


def split_clauses(text: str, begin: int) -> tuple[Span, ...]:
    """The claims that a sentence joins from ``begin`` on; only one if some part is too short."""
    ends = [*CLAUSES.finditer(text, begin)]
    starts = [begin, *(match.end() for match in ends)]
    stops = [*(match.start() for match in ends), len(text)]
    spans = tuple(Span(start, stop) for start, stop in zip(starts, stops, strict=True))
    if any(len(lemmas.content_lemmas(text[s.start : s.end])) < SHORTEST_CLAUSE for s in spans):
        return (Span(begin, len(text)),)
    return spans

"""Numbers the evidence of an answer in the order in which it is cited."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from rag.types import Citation, Evidence, Sentence


def evidence_for(citation: Citation, evidence: Sequence[Evidence]) -> Evidence:
    """The first evidence that contains a citation, else the first that overlaps it."""
    whole = (item for item in evidence if item.holds(citation))
    part = (item for item in evidence if item.touches(citation))
    return next(itertools.chain(whole, part))


def in_order_of_appearance(
    sentences: Sequence[Sentence],
    evidence: Sequence[Evidence],
    others: Sequence[Evidence] = (),
) -> tuple[Evidence, ...]:
    """The evidence renumbered from 1, in order of first citation; then the rest by rank.

    Args:
        sentences: In the order in which they are read.
        evidence: What they were drafted from.
        others: Passages that are evidence only where a citation lies in none of the first.
    """
    order: list[Evidence] = []
    for sentence in sentences:
        for citation in sentence.citations:
            item = evidence_for(citation, (*evidence, *others))
            if item not in order:
                order.append(item)
    order.extend(item for item in evidence if item not in order)
    return tuple(replace(item, rank=rank) for rank, item in enumerate(order, start=1))

"""He, she, it, they: whether somebody is there whom the word can mean."""

from __future__ import annotations

from collections.abc import Sequence

from rag.signals.analysis import Analysis

HE = frozenset("he him his himself".split())
SHE = frozenset("she her hers herself".split())
IT = frozenset("it its itself".split())
THEY = frozenset("they them their themselves".split())
PRONOUNS = HE | SHE | IT | THEY


def first_pronoun(words: Sequence[str]) -> int | None:
    """Place of the first pronoun of the third person."""
    return next((place for place, word in enumerate(words) if word in PRONOUNS), None)


def unresolved(claim: Analysis, before: Sequence[Analysis] = ()) -> bool:
    """Whether a pronoun comes before any name, in this sentence and those in front of it."""
    place = first_pronoun(claim.words)
    if place is None or any(part.names for part in before):
        return False
    return not any(word in claim.names for word in claim.words[:place])

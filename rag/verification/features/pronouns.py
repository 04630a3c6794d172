"""He, she, it, they: whether there is somebody whom the word can mean."""

from __future__ import annotations

from collections.abc import Sequence

from rag.verification.features.parsing import ParsedSentence

HE = frozenset("he him his himself".split())
SHE = frozenset("she her hers herself".split())
IT = frozenset("it its itself".split())
THEY = frozenset("they them their themselves".split())
PRONOUNS = HE | SHE | IT | THEY


def first_pronoun(words: Sequence[str]) -> int | None:
    """Place of the first pronoun of the third person."""
    return next((place for place, word in enumerate(words) if word in PRONOUNS), None)


def gender_mismatch(claimed: Sequence[str], said: Sequence[str]) -> str | None:
    """The "he" or "she" of an article that only speaks of the one where a sentence says the other.

    None where they agree, or where the article speaks of both or of neither.
    """
    for own, other, word in ((HE, SHE, "she"), (SHE, HE, "he")):
        says_own = bool(own.intersection(claimed)) and not other.intersection(claimed)
        if says_own and other.intersection(said) and not own.intersection(said):
            return word
    return None


def has_unresolved_pronoun(claim: ParsedSentence, before: Sequence[ParsedSentence] = ()) -> bool:
    """Whether a pronoun comes before any name, in this sentence and those in front of it."""
    place = first_pronoun(claim.words)
    if place is None or any(part.names for part in before):
        return False
    return not any(word in claim.names for word in claim.words[:place])

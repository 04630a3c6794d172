"""Yes, no and perhaps: what is denied, what is only possible, planned, or said by somebody."""

from __future__ import annotations

import re
from collections import Counter

from rag import text as texts

NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t|unable|fail(?:s|ed)?"
    r"|refus(?:e|es|ed)|den(?:y|ies|ied)|reject(?:s|ed)?|lack(?:s|ed)?|hardly|barely)\b",
    re.IGNORECASE,
)
# "not only", "no longer than", "nothing but" do not reverse a statement.
FALSE_NEGATION = re.compile(
    r"\bnot (?:only|just|merely|simply|necessarily)\b|\bno doubt\b", re.IGNORECASE
)
# A negation or hedge governs this many content words after it.
REACH = 3

# Each kind of hedge with the words that make it; the kind is what two texts must share.
HEDGES = {
    "possible": r"(?-i:may)|might|could|can"
    r"|possibl[ey]|perhaps|maybe|potential(?:ly)?|likely|unlikely"
    r"|probabl[ey]|appears?|appeared|seems?|seemed|apparently|suspected|presumabl[ey]",
    "alleged": r"alleged(?:ly)?|alleges?|accus(?:es|ed|ing)|reported(?:ly)?|rumou?r(?:s|ed)?"
    r"|purported(?:ly)?|claim(?:s|ed)?|unconfirmed|suspects?",
    "planned": r"plan(?:s|ned|ning)?|intend(?:s|ed)?|hop(?:es|ed|ing)|aim(?:s|ed)?|expect(?:s|ed)?"
    r"|propos(?:es|ed|al)|consider(?:s|ed|ing)|set to|going to|want(?:s|ed)?|would|will|seeks?"
    r"|seeking|forecasts?|predict(?:s|ed)?|estimat(?:es|ed)|tr(?:y|ies|ied|ying)|attempt(?:s|ed)?",
    "partial": r"partly|partially|somewhat|in part|to some extent|sometimes|often|usually|generally"
    r"|tends?|mostly|largely",
}
# Stems of the words that leave it open.
MODAL = frozenset("may might could possibl perhap mayb probabl like reported alleg".split())
HEDGE_PATTERNS = {
    kind: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for kind, pattern in HEDGES.items()
}
# The opposite of a hedge: what a draft says that wants to sound sure.
CERTAIN = re.compile(
    r"\b(?:definitely|certainly|undoubtedly|proven?|proved|confirmed|confirms?|guarantee[sd]?"
    r"|always|must|undeniabl[ey]|conclusively|has been shown|without (?:a )?doubt)\b",
    re.IGNORECASE,
)


def negations(text: str) -> int:
    """How many times a text denies something."""
    return len(NEGATION.findall(text)) - len(FALSE_NEGATION.findall(text))


def denied_stems(text: str) -> frozenset[str]:
    """Stems of the content words shortly after a negation."""
    return frozenset(_denied(text))


def _denied(text: str) -> Counter[str]:
    """How many negations each stem follows shortly."""
    found: Counter[str] = Counter()
    for match in NEGATION.finditer(text):
        if FALSE_NEGATION.match(text, match.start()):
            continue
        clause = re.split(r"[.;:!?]\s|, (?:but|and)\b", text[match.end() : match.end() + 80])[0]
        found.update(set(texts.content_lemmas(clause)[:REACH]))
    return found


def hedge_kinds(text: str) -> frozenset[str]:
    """The kinds of hedges in a text: ``possible``, ``alleged``, ``planned``, ``partial``."""
    return frozenset(kind for kind, found in HEDGE_PATTERNS.items() if found.search(text))


def opposed_stems(claim: str, said: str) -> frozenset[str]:
    """Words that one of two texts denies and the other asserts.

    A word that a text also says where nothing denies it is not denied by that text.
    """
    one, other = _only_denied(claim), _only_denied(said)
    if not one and not other:
        return frozenset()
    claimed, told = frozenset(texts.content_lemmas(claim)), frozenset(texts.content_lemmas(said))
    return ((one - denied_stems(said)) & told) | ((other - denied_stems(claim)) & claimed)


def _only_denied(text: str) -> frozenset[str]:
    denied = _denied(text)
    if not denied:
        return frozenset()
    said = Counter(texts.content_lemmas(text))
    return frozenset(stem for stem, times in denied.items() if said[stem] <= times)


def hedged_stems(text: str) -> dict[str, frozenset[str]]:
    """For each kind of hedge, stems of the content words shortly after it."""
    found: dict[str, frozenset[str]] = {}
    for kind, pattern in HEDGE_PATTERNS.items():
        governed: set[str] = set()
        for match in pattern.finditer(text):
            clause = re.split(r"[.;:!?]\s", text[match.end() : match.end() + 80], maxsplit=1)[0]
            governed.update(texts.content_lemmas(clause)[:REACH])
        if governed:
            found[kind] = frozenset(governed)
    return found


def dropped_hedges(claim: str, said: str) -> tuple[str, ...]:
    """Kinds of hedges over words of the claim that the article has and the claim has not."""
    theirs = hedged_stems(said)
    if not theirs:
        return ()
    own = hedge_kinds(claim)
    stems = frozenset(texts.content_lemmas(claim))
    return tuple(kind for kind, governed in theirs.items() if kind not in own and governed & stems)


def insists(text: str) -> bool:
    """Whether a text insists."""
    return bool(CERTAIN.search(text))

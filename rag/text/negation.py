"""Words that deny."""

from __future__ import annotations

import re

NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t|unable|fail(?:s|ed)?"
    r"|refus(?:e|es|ed)|den(?:y|ies|ied)|reject(?:s|ed)?|lack(?:s|ed)?|hardly|barely)\b",
    re.IGNORECASE,
)
# "not only", "no longer than", "nothing but" do not reverse a statement.
FALSE_NEGATION = re.compile(
    r"\bnot (?:only|just|merely|simply|necessarily)\b|\bno doubt\b", re.IGNORECASE
)


def negations(text: str) -> int:
    """How many times a text denies something."""
    return len(NEGATION.findall(text)) - len(FALSE_NEGATION.findall(text))

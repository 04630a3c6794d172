"""How old somebody is: the age that stands beside the very name, nothing in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A name, and nothing that says who is meant by somebody else or by an office.
OF_NAME = re.compile(
    r"(?!(?:the|a|an|his|her|its|their|he|she|it|they)\b)"
    r"(?:(?!(?:of|and|when|in|at|now|today)\b)[^\W\d_][\w.-]*(?:\s+|$)){1,4}",
    re.IGNORECASE,
)
# Behind "23-year-old Ada Quill"; a noun there ("fan") would be whose age it is.
VERB_BEHIND = r"(?:is|was|has|had|will|who|said|says|told|took|made|became|joined|died)"
# What makes the name in front of which it stands somebody else's, or part of a longer one.
OF_ANOTHER = re.compile(r"(?:\bof|['’]s|\b[A-Z][\w’'.-]*)\s+$")


def beside(who: str, text: str) -> Iterator[str]:
    """The ages that a text puts beside the name ``who``; none if that is no plain name."""
    if not OF_NAME.fullmatch(who):
        return
    words = who.split()
    name = rf"(?P<name>(?:[A-Z][\w’'.-]*\s+){{0,3}}(?i:{re.escape(words[-1])}))"
    patterns = (
        rf"\b(?P<age>\d{{1,3}})-year-old(?:\s+(?!of\b|and\b|from\b|with\b)[a-z-]+){{0,3}}\s+{name}"
        rf"(?=[,.;:]|$|\s+{VERB_BEHIND}\b)",
        rf"\b{name},?\s+(?:\(|who\s+(?:is|was)\s+|aged?\s+|(?:is|was|turned)\s+)?"
        r"(?P<age>\d{1,3})(?=,|\)|\s+years\s+old)",
        rf"\b{name},?\s+(?:is|was)?\s*an?\s+(?P<age>\d{{1,3}})-year-old\b",
    )
    known = {word.casefold() for word in words}
    for pattern in patterns:
        for found in re.finditer(pattern, text):
            named = {word.casefold() for word in found["name"].split()}
            if named <= known and not OF_ANOTHER.search(text[: found.start("name")]):
                yield found["age"]

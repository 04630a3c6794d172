"""Recognising authors of a library in a question, and whether it wants what they wrote."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.query.entities import SAME_NAME, Names, squashed

# Who wrote it: a name stands behind these, however it is spelt.
WRITTEN_BY = re.compile(
    r"\b(?P<of>(?:(?:articles?|pieces?|stor(?:y|ies)|posts?|reviews?|columns?|reports?|anything)"
    r"(?: \w+)?|written|reported|reviewed) by|by)\s+"
    r"(?P<name>[^\W\d_]+(?:[.’'-]*\s+[^\W\d_]+){1,3})",
    re.IGNORECASE,
)


# "What did Ada Quill write about it", "Ada Quill's articles".
WRITES = re.compile(
    r"\bwhat (?:did|does|has) (?P<name>[^\W\d_]+(?:[.’'-]*\s+[^\W\d_]+){1,3}?)\s+"
    r"(?:writes?|written|reports?|reported)\b"
    r"|(?P<owner>[^\W\d_]+(?:[.’'-]*\s+[^\W\d_]+){1,3}?)['’]s?\s+"
    r"(?:articles|pieces|stories|columns?|reporting|coverage)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Writers:
    """Authors of the library that a question names; ``only`` if it wants articles of theirs.

    ``said`` is how they are written in it.
    """

    names: tuple[str, ...]
    only: bool = False
    said: tuple[str, ...] = ()


def authors(question: str, names: Names) -> Writers:
    """Authors whose whole name stands in the question, or nearly so behind *by*."""
    whole = squashed(question)
    found = [name for key, name in names.authors.items() if key in whole]
    said = list(found)
    only = False
    for match in (*WRITTEN_BY.finditer(question), *WRITES.finditer(question)):
        parts = match.groupdict()
        words = (parts.get("name") or parts["owner"]).split()
        wants = (parts.get("of") or "articles by").lower() != "by"
        for key, name in _beginnings(words, from_end=bool(parts.get("owner"))):
            near = [k for k in names.authors if k[:1] == key[:1] and abs(len(k) - len(key)) <= 2]
            if close := difflib.get_close_matches(key, near, 1, SAME_NAME):
                found.append(names.authors[close[0]])
                said.append(name)
                only = only or wants
                break
    return Writers(tuple(dict.fromkeys(found)), only, tuple(dict.fromkeys(said)))


def _beginnings(words: Sequence[str], *, from_end: bool) -> Iterator[tuple[str, str]]:
    """Two and more of the words, the most first, squashed and as they are written."""
    for count in range(len(words), 1, -1):
        name = " ".join(words[-count:] if from_end else words[:count])
        yield squashed(name), name

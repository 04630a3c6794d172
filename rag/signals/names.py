"""Names with their parts and short forms."""

from __future__ import annotations

import re

CAPITALISED = re.compile(r"\b[A-Z][\w’'-]*+(?:\s+(?:(?:of|and|for|the|de)\s+)?[A-Z][\w’'-]*+)+")


def stands_in(name: str, known: frozenset[str], initials: frozenset[str] = frozenset()) -> bool:
    """Whether a name word is among known words: itself, its plural, its parts, its initials."""
    bare = name.replace("'", "").replace(".", "")
    if {name, bare, name.rstrip("s"), name + "s"} & known or bare in initials:
        return True
    parts = [part for part in re.split(r"[-.]", name) if part]
    if len(parts) > 1 and all(part in known for part in parts):
        return True
    return any(bare == other.replace(".", "").replace("-", "") for other in known)


def initials(text: str) -> frozenset[str]:
    """Initials, in lower case, of the runs of capitalised words: "European Union" gives "eu"."""
    found: set[str] = set()
    for match in CAPITALISED.finditer(text):
        letters = re.findall(r"\b[A-Z]", match.group())
        found.update(
            "".join(letters[start:end]).lower()
            for start in range(len(letters) - 1)
            for end in range(start + 2, min(len(letters), start + 6) + 1)
        )
    return frozenset(found)

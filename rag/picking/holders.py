"""Who holds an office: the name beside the role at the place that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.picking.doers import NAME

# Who goes, has gone or is to come does not hold it; who holds it "then" did so once.
GOING = re.compile(
    r"\b(?:former(?:ly)?|ex[- ]\w+|then|late|outgoing|departing|interim|incoming|fired|sacked"
    r"|ousted|dismissed|step(?:s|ped|ping)? down|resign\w*|retire\w*|replac\w*|succeed\w*"
    r"|successor|in memory|until|used to|was|were|had been|appointed|named|demoted)\b",
    re.IGNORECASE,
)
# "With Ada Quill, the founder of Esk wants": the comma ends the opening, the founder is another.
OPENING = re.compile(r"(?:With|In|At|For|After|On|By|From|Before|Like|Unlike)\b")
LONGEST_OPENING = 8
# "Upper Esk" is another place than Esk.
CAPITAL = re.compile(r"\b(?!(?:Former|New|Current|The|Ex|Late)\b)[A-Z][\w’'.&-]*\s+$")


def holders(role: str, where: str, sentence: str, *, now: bool) -> Iterator[str]:
    """Names beside a role at a place.

    Args:
        role: Such as *head coach*.
        where: Of what; another name in front of it or behind makes it another place.
        sentence: Where it is looked for.
        now: Whether who holds it now is asked for.
    """
    if now and GOING.search(sentence):
        return
    office = r"\W+".join(re.escape(word) for word in role.split())
    place = r"(?P<place>(?i:" + r"\W+".join(re.escape(word) for word in where.split()) + r"))"
    of = rf"(?i:{office})\s+(?:of|at|for)\s+(?:(?:the|its|our)\s+)?{place}(?!\s+[A-Z])"
    own = rf"{place}(?:['’]s?)?\s+(?:(?:current|new)\s+)?(?i:{office})"
    patterns = (
        rf"(?P<name>{NAME}),\s+(?:[\w-]+\s+){{0,4}}?{of}",
        rf"(?P<name>{NAME}),\s+(?:the\s+)?{own}",
        rf"(?P<name>{NAME})\s+(?:is|became|is now)\s+(?:the\s+)?(?:\w+\s+)?(?:{of})",
        rf"(?P<name>{NAME})\s+(?:is|became|is now)\s+(?:the\s+)?(?:\w+\s+)?(?:{own})",
        rf"{of},\s+(?P<name>{NAME})",
        rf"{own},?\s+(?P<name>{NAME})",
    )
    for pattern in patterns:
        for found in re.finditer(pattern, sentence):
            ahead = sentence[: found.start("place")]
            inside = CAPITAL.search(ahead) and not ahead.rstrip().endswith((found["name"], ","))
            if not inside and not _opens(sentence[: found.end("name")], found["name"]):
                yield found["name"]


def _opens(until: str, name: str) -> bool:
    """Whether a name stands in the opening of a sentence: *With Ada Quill*."""
    start = until.lstrip("“\"’‘' ")
    return bool(OPENING.match(start)) and len(start) <= len(name) + LONGEST_OPENING

"""Normalizes raw text: Unicode form, control characters, line ends, hard-wrapped lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Control characters, surrogates, which no file can hold, and those that set the direction of what
# follows: a title with one would turn around the words of the page after it.
UNUSABLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
# Tags write an invisible text, except after a flag, whose country they name.
TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f)|[\U000e0000-\U000e007f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
# What the fonts of symbols show as bullets, and as nothing where they are missing.
SYMBOL = re.compile(r"^\s*[\uf020-\uf0ff](?=\s)")
BULLET = re.compile(r"(?:[-*•‣◦–—]|\d{1,3}[.)])\s")

# Typewriter and mail widths: shorter lines are verse or lists, longer ones are paragraphs.
NARROWEST_WRAP, WIDEST_WRAP = 40, 110


def tidy(text: str) -> str:
    """One paragraph in canonical form: NFC, no unusable characters, single spaces, stripped."""
    text = SYMBOL.sub("•", unicodedata.normalize("NFC", TAGS.sub(r"\1", UNUSABLE.sub("", text))))
    return " ".join(text.split())


def split_paragraphs(raw: str) -> list[str]:
    """The paragraphs of raw text: one a line, hard-wrapped lines joined, each tidied."""
    lines = [tidy(line) for line in LINE_END.split(raw.removeprefix("\ufeff"))]
    width = wrap_width(lines)
    found: list[list[str]] = []
    previous = ""
    for line in lines:
        if line and width and _continues(previous, line, width):
            # A break at a hyphen is taken to be the word's own hyphen.
            glue = "" if re.search(r"[^\W\d_]-$", previous[-2:]) else " "
            found[-1] += (glue, line)
        elif line:
            found.append([line])
        previous = line
    return ["".join(pieces) for pieces in found]


def wrap_width(lines: Sequence[str]) -> int:
    """The column at which the lines were broken, or 0 where they were not.

    Lines count as broken when at least half of those that have a line right below them go on
    in lower case there. In English prose three words out of four begin in lower case.
    """
    pairs = [
        (upper, lower) for upper, lower in pairwise(lines) if lower and len(upper) >= NARROWEST_WRAP
    ]
    broken = [len(upper) for upper, lower in pairs if lower[0].islower()]
    if not broken or 2 * len(broken) < len(pairs) or max(broken) > WIDEST_WRAP:
        return 0
    return max(broken)


def _continues(upper: str, lower: str, width: int) -> bool:
    """Whether ``lower`` goes on with the paragraph of ``upper``, the line right above."""
    if not upper or len(upper) > width + 10 or BULLET.match(lower):
        return False
    if lower[0].islower():
        return True
    # The first word below would not have fitted above, so the break was forced.
    return len(upper) + 1 + len(lower.split(" ", 1)[0]) > width

"""Reading a draft: its sentences, and the citation marks that stand in it.

Models print marks in many forms and often wrongly. A mark is only a hint where to look first;
no mark ever reaches a reader.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from rag import text as texts
from rag.types import Span

# Marks go up to three digits, so that "[2024]" stays what it is: a year.
_NUMBERS = r"-?\d{1,3}(?:\s*(?:,|;|&|and|-|–|—)\s*-?\d{1,3})*"
MARK = re.compile(
    rf"[ \t]*(?<!\b\w)[\[【［]\s*\^?(?:(?:sources?|evidence|passages?|doc(?:ument)?s?)\s*)?"
    rf"(?P<square>{_NUMBERS})\s*[\]】］](?:\([^()\s]*\))?"
    rf"|[ \t]*\((?:sources?|evidence|passages?)\s*(?P<round>{_NUMBERS})\)"
    r"|(?P<raised>[⁰¹²³⁴-⁹]+)",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
# A range of marks longer than this is no citation.
LONGEST_RANGE = 20

LINE_MARKUP = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*+•][ \t]+|>[ \t]*|\d{1,2}[.)][ \t]+)", re.M)
INLINE_MARKUP = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
SPACE_BEFORE_STOP = re.compile(r"[ \t]+(?=[.,;:!?](?:\s|$))")


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft without its marks; ``marks`` are the numbers, each once, in order."""

    text: str
    marks: tuple[int, ...]


def read_draft(draft: str) -> tuple[DraftSentence, ...]:
    """The sentences of a draft in order, each with the marks that belong to it.

    A mark belongs to the sentence that it stands in or behind, and to the one that follows if it
    opens a line. Markdown signs and control characters are dropped, words never.
    """
    plain = _without_markup(draft)
    pieces: list[str] = []
    marks: list[tuple[int, tuple[int, ...]]] = []
    length = last = 0
    for match in MARK.finditer(plain):
        before = plain[last : match.start()]
        pieces.append(before)
        length += len(before)
        marks.append((length, _numbers_of(match)))
        last = match.end()
    pieces.append(plain[last:])
    bare = "".join(pieces)
    spans = texts.sentences(bare)
    owned: list[list[int]] = [[] for _ in spans]
    for position, numbers in marks:
        owner = _owner(bare, spans, position)
        if owner is not None:
            owned[owner].extend(n for n in numbers if n not in owned[owner])
    return tuple(
        DraftSentence(_tidy(bare[s.start : s.end]), tuple(numbers))
        for s, numbers in zip(spans, owned, strict=True)
        if any(c.isalnum() for c in bare[s.start : s.end])
    )


def _owner(text: str, spans: tuple[Span, ...], position: int) -> int | None:
    """Index of the sentence that a mark at ``position`` belongs to."""
    last = bisect_right(spans, position, key=lambda span: span.start) - 1
    if last < 0:
        return 0 if spans else None
    opens_line = position == spans[last].start and last > 0
    if opens_line and "\n" not in text[spans[last - 1].end : position]:
        return last - 1
    if position >= spans[last].end and "\n" in text[spans[last].end : position]:
        return last + 1 if last + 1 < len(spans) else last
    return last


def _numbers_of(match: re.Match[str]) -> tuple[int, ...]:
    listed = match["square"] or match["round"]
    if listed is None:
        return (int(unicodedata.normalize("NFKC", match["raised"])),)
    listed = RANGE.sub(_spell_out, unicodedata.normalize("NFKC", listed))
    return tuple(dict.fromkeys(int(n) for n in re.findall(r"-?\d+", listed)))


def _spell_out(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[2])
    if not first <= last <= first + LONGEST_RANGE:
        return f"{first}, {last}"
    return ", ".join(str(n) for n in range(first, last + 1))


def _without_markup(draft: str) -> str:
    visible = "".join(
        c for c in draft if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return INLINE_MARKUP.sub("", LINE_MARKUP.sub("", visible))


def _tidy(sentence: str) -> str:
    return SPACE_BEFORE_STOP.sub("", " ".join(sentence.split()))

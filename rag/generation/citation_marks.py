"""Citation marks in the drafts of language models: [1], [Source: 1, 2], <sup>1</sup>, ¹ and others.

Models write marks in many forms, and often wrong ones. A mark is only a hint which passage to
check first; no mark is ever shown.
"""

from __future__ import annotations

import re
import unicodedata

# Marks go up to three digits, so that "[2024]" stays what it is: a year.
_NUMBERS = r"-?\d{1,3}(?:[ \t]*(?:,|;|&|and|-|–|—)[ \t]*-?\d{1,3}){0,40}"
_NAMED = (
    r"(?:see[ \t]+)?(?:sources?|evidence|passages?|doc(?:ument)?s?|articles?|citations?|cite"
    r"|ref(?:erence)?s?)[ \t]*[:#.]?[ \t]*"
)
# An interval that begins at zero is not a list of marks.
_FROM_NOUGHT = r"(?![ \t]*0[ \t]*[,;])"
# A number in round brackets is a mark at the end of its sentence only. A raised one is a power or
# belongs to a unit after a digit or a short word: 10⁻⁶, km², m³.
MARK = re.compile(
    rf"[ \t]*(?<!\b\w)(?:<sup>)?[\[【［]{{1,2}}{_FROM_NOUGHT}[ \t]*\^?(?:{_NAMED})?"
    rf"(?P<square>{_NUMBERS})[ \t]*(?:(?::\d{{1,3}})?†[^\]】］\n]{{0,80}})?[\]】］]{{1,2}}"
    r"(?:</sup>)?(?:\([^()\s]{0,500}\))?"
    rf"|[ \t]*<sup>[ \t]*(?P<sup>{_NUMBERS})[ \t]*</sup>"
    rf"|[ \t]*\({_NAMED}(?P<round>{_NUMBERS})\)"
    r"|[ \t]*(?<![\w(])\((?P<last>\d{1,2}(?:,[ \t]*\d{1,2}){0,9})\)"
    r"(?=[ \t]*(?:[.!?]+(?:[ \t]|$)|$))"
    r"|(?<=[^\W\d_]{4})(?P<raised>[⁰¹²³⁴-⁹]+)|(?<![\w⁻⁺])(?P<after>[⁰¹²³⁴-⁹]+)",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
# Characters of a mark with its link; a bracket that has not closed by then is not one.
LONGEST_MARK = 600
OPEN_BRACKET = re.compile(
    r"[ \t]*(?:<(?:s(?:u(?:p(?:>[^<]*+(?:<[/sup]*+)?)?)?)?)?"
    r"|(?:<sup>)?[\[【［(][^\]】］()]*+(?:[\]】］]+(?:<[/sup]*+|\([^()\s]*+)?|\)[.!?]*+[ \t]*+)?)$"
)
# A longer range of numbers is not a citation.
LONGEST_RANGE = 20
# "[3]" or "【3†source】" in an article would come back as a citation mark.
LOOKS_LIKE_MARK = re.compile(r"[\[【]([\^†]?\d[\d\s,;–†A-Za-z-]{0,24})[\]】]")
ARTICLES_BRACKETS = str.maketrans("⟨⟩", "[]")


def numbers_of(mark: re.Match[str]) -> tuple[int, ...]:
    """The numbers that a match of `MARK` names, each once, ranges written out."""
    listed = next(group for group in mark.groups() if group is not None)
    listed = RANGE.sub(_expand_range, unicodedata.normalize("NFKC", listed))
    return tuple(dict.fromkeys(int(n) for n in re.findall(r"-?\d+", listed)))


def without_open_mark(line: str) -> str:
    """The line up to a bracket at its end that may still become a mark or the link of one."""
    for match in OPEN_BRACKET.finditer(line, max(0, len(line) - LONGEST_MARK)):
        return line[: match.start()]
    return line


def _expand_range(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[2])
    if not first <= last <= first + LONGEST_RANGE:
        return f"{first}, {last}"
    return ", ".join(str(n) for n in range(first, last + 1))


def escape_marks(text: str) -> str:
    """The text with other brackets where it has some that look like citation marks."""
    return LOOKS_LIKE_MARK.sub(r"⟨\1⟩", text)


def restore_brackets(text: str) -> str:
    """A model's words with an article's own brackets, which `escape_marks` had replaced."""
    return text.translate(ARTICLES_BRACKETS)

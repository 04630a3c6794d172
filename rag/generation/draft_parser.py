"""Reading a draft: its sentences, and the citation marks that stand in it.

Models print marks in many forms and often wrongly. A mark is only a hint where to look first;
no mark ever reaches a reader.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag import text as texts
from rag.types import Span

# Marks go up to three digits, so that "[2024]" stays what it is: a year.
_NUMBERS = r"-?\d{1,3}(?:[ \t]*(?:,|;|&|and|-|–|—)[ \t]*-?\d{1,3}){0,40}"
MARK = re.compile(
    rf"[ \t]*(?<!\b\w)[\[【［][ \t]*\^?(?:(?:sources?|evidence|passages?|doc(?:ument)?s?)[ \t]*)?"
    rf"(?P<square>{_NUMBERS})[ \t]*(?:(?::\d{{1,3}})?†[^\]】］\n]{{0,80}})?[\]】］]"
    r"(?:\([^()\s]{0,500}\))?"
    rf"|[ \t]*\((?:sources?|evidence|passages?)[ \t]*(?P<round>{_NUMBERS})\)"
    r"|(?P<raised>[⁰¹²³⁴-⁹]+)",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
# No mark is longer, in characters, its link included; and a bracket that has not closed by then.
LONGEST_MARK = 600
OPEN_BRACKET = re.compile(r"[\[【［(][^\]】］()]*+(?:[\]】］](?:\([^()\s]*+)?)?$")
# A range of marks longer than this is no citation.
LONGEST_RANGE = 20

# Two whole words, and more behind them.
BEGUN = re.compile(r"[^\W_][\w’'-]*\s+[^\W_][\w’'-]*\s+\S")

LINE_MARKUP = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*+•][ \t]+|>[ \t]*|\d{1,2}[.)][ \t]+)", re.M)
INLINE_MARKUP = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
TABLE_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*\Z")
SPACE_BEFORE_STOP = re.compile(r"[ \t]+(?=[.,;:!?](?:\s|$))")
# What may become Markdown with the next character: a number that opens a line, signs at an end.
LIST_NUMBER = re.compile(r"\d{1,2}[.)]?\Z")
SIGNS_AT_END = " *_`"


class Lead(str):
    """A piece of a draft that claims nothing: words that the program puts in front of a quote.

    Only the program's own answerer makes them; what a model writes is never of this type.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft without its marks; ``marks`` are the numbers, each once, in order."""

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What a draft says behind its last whole sentence, as it stands now."""

    text: str


class DraftReader:
    """Reads a draft that arrives in pieces, sentence by sentence, with the marks of each.

    A mark belongs to the sentence that it stands in or behind, and to the one that follows if it
    opens a line; marks on a line of their own belong to the sentence before. Markdown signs and
    control characters are dropped, words never. However the draft is cut, the sentences are the
    same.

    Attributes:
        unfinished: The half sentence with which a draft broke off.
    """

    def __init__(self) -> None:
        self.unfinished: DraftSentence | None = None
        self._line = ""
        self._given = 0
        self._parsed = 0
        self._growing: tuple[DraftSentence, ...] = ()
        self._held: DraftSentence | None = None
        self._early: tuple[int, ...] = ()

    def feed(self, piece: str) -> Iterator[DraftSentence]:
        """The sentences that this piece completes."""
        *lines, rest = piece.split("\n")
        for line in lines:
            self._line += line
            yield from self._end_line()
        self._line += rest
        yield from self._settled()

    @property
    def under_way(self) -> str:
        """The text that no sentence has given yet, without whatever may still become a mark."""
        open_ones = self._growing if self._held is None else (self._held, *self._growing)
        return " ".join(sentence.text for sentence in open_ones).rstrip(SIGNS_AT_END)

    def close(self) -> Iterator[DraftSentence]:
        """What is left when the draft has ended."""
        yield from self._end_line()
        if self._held is not None:
            yield self._held
            self._held = None

    def break_off(self) -> Iterator[DraftSentence]:
        """What is left of a draft that ends where it should not: its whole sentences."""
        self._line = _without_open_mark(self._line)
        begun = len(_read_line(self._line)[0]) > self._given
        left = [*self.close()]
        if begun and not _is_whole(left[-1].text):
            self.unfinished = left.pop()
        yield from left

    def _end_line(self) -> Iterator[DraftSentence]:
        sentences, marks = _read_line(self._line)
        fresh = sentences[self._given :]
        self._line, self._given, self._parsed, self._growing = "", 0, 0, ()
        if not sentences:
            self._hold_marks(marks)
        elif fresh:
            yield from self._give(fresh[:-1])
            yield from self._give(())
            self._held = self._with_early(fresh[-1])

    def _settled(self) -> Iterator[DraftSentence]:
        """Sentences of an unfinished line that nothing to come can change.

        The last one still grows. The one before it is settled once two words of the last stand
        there: what follows decides by its first word whether a full stop ends a sentence.
        """
        grown = len(self._line) - self._parsed
        if grown < max(1, len(self._line) // 50):
            return
        self._parsed = len(self._line)
        if _without_markup(self._line).lstrip().startswith("|"):
            # Whether it is a row of a table shows at its end.
            return
        sentences, _ = _read_line(_without_open_mark(self._line))
        if sentences and BEGUN.match(sentences[0].text):
            # No line of marks any more, which would belong to the line before.
            yield from self._give(())
        open_ones = 1 if sentences and BEGUN.match(sentences[-1].text) else 2
        settled = sentences[self._given : max(self._given, len(sentences) - open_ones)]
        if settled:
            self._given += len(settled)
            yield from self._give(settled)
        begins = len(sentences) == 1 and LIST_NUMBER.match(sentences[0].text)
        self._growing = () if begins else sentences[self._given :]

    def _give(self, sentences: Sequence[DraftSentence]) -> Iterator[DraftSentence]:
        if self._held is not None:
            yield self._held
            self._held = None
        for sentence in sentences:
            yield self._with_early(sentence)

    def _hold_marks(self, marks: tuple[int, ...]) -> None:
        if self._held is None:
            self._early = tuple(dict.fromkeys((*self._early, *marks)))
        else:
            both = tuple(dict.fromkeys((*self._held.marks, *marks)))
            self._held = DraftSentence(self._held.text, both)

    def _with_early(self, sentence: DraftSentence) -> DraftSentence:
        """Marks on lines of their own in front of the first sentence belong to it."""
        marks = tuple(dict.fromkeys((*self._early, *sentence.marks)))
        self._early = ()
        return DraftSentence(sentence.text, marks)


def read_draft(draft: str) -> tuple[DraftSentence, ...]:
    """The sentences of a whole draft in order, each with the marks that belong to it."""
    reader = DraftReader()
    return (*reader.feed(draft), *reader.close())


def _row_as_text(line: str) -> str:
    """A row of a table as one line: its cells, with dashes between."""
    if not TABLE_ROW.match(line):
        return line
    return " – ".join(cell.strip() for cell in line.strip().strip("|").split("|") if cell.strip())


def _read_line(line: str) -> tuple[tuple[DraftSentence, ...], tuple[int, ...]]:
    """The sentences of one line, and the marks in it if it has no sentence."""
    plain = _row_as_text(_without_markup(line))
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
    spans = tuple(
        s for s in texts.sentences(bare) if any(c.isalnum() for c in bare[s.start : s.end])
    )
    if not spans:
        return (), tuple(dict.fromkeys(n for _, numbers in marks for n in numbers))
    owned: list[dict[int, None]] = [{} for _ in spans]
    for position, numbers in marks:
        owned[_owner(bare, spans, position)].update(dict.fromkeys(numbers))
    found = (
        DraftSentence(_tidy(bare[span.start : span.end]), tuple(numbers))
        for span, numbers in zip(spans, owned, strict=True)
    )
    return tuple(found), ()


def _without_open_mark(line: str) -> str:
    """A line up to a bracket at its end that may still become a mark or its link."""
    for match in OPEN_BRACKET.finditer(line, max(0, len(line) - LONGEST_MARK)):
        return line[: match.start()]
    return line


def _is_whole(sentence: str) -> bool:
    """Whether a sentence has its end, and not only an abbreviation's point."""
    return len(texts.sentences(f"{sentence} The rest")) > len(texts.sentences(sentence))


def _owner(text: str, spans: tuple[Span, ...], position: int) -> int:
    """Index of the sentence that a mark at ``position`` belongs to."""
    last = bisect_right(spans, position, key=lambda span: span.start) - 1
    if last > 0 and position == spans[last].start:
        return last - 1
    return max(0, last)


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

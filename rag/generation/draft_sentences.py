"""Parses a draft, whole or as it is streamed, into sentences and their citation marks."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag import text as texts
from rag.generation.citation_marks import (
    MARK,
    numbers_of,
    restore_brackets,
    without_open_mark,
)
from rag.types import Block, Span

# Two whole words and the beginning of a third.
TWO_WORDS = re.compile(r"[^\W_][\w’'-]*\s+[^\W_][\w’'-]*\s+\S")

LINE_MARKUP = re.compile(
    r"^[ \t]*(?:(?:(?P<heading>#{1,6})|(?P<item>[-*+•])|(?P<numbered>\d{1,2}[.)]))[ \t]+|>[ \t]*)+"
)
# Inside a word, as in 2**10, they are no Markdown.
INLINE_MARKUP = re.compile(
    r"(?<!\w)\*\*|\*\*(?!\d)|(?<!\w)__|__(?!\w)|`+|(?<![\w*])[*_](?=\w)|(?<=\w)[*_](?![\w*])"
)
BOLD = re.compile(r"(?<!\w)(\*\*|__)(?=\S)(?P<words>.{1,200}?)(?<=\S)\1(?!\w)")
TABLE_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*\Z")
BELOW_COLUMN_NAMES = re.compile(r"[ \t|:]*-[ \t|:-]*\Z")
# A line that is bold as a whole is a heading too, unless it is a sentence.
BOLD_LINE = re.compile(r"[ \t]*(\*\*|__)(?P<heading>[^*_]{1,80}[^*_.!?])\1:?[ \t]*\Z")
# What a model puts before its answer.
LABEL = re.compile(
    r"(?:the |final |short )*(?:answer|response)[ \t]*:[ \t]*(?=\S|\Z)", re.IGNORECASE
)
# From such a line on, a draft lists what its marks mean; or each line of the list says so itself.
LIST_OF_SOURCES = re.compile(
    r"(?:the )?(?:sources?|references?|citations?|footnotes?|works cited|bibliography)"
    r"(?: used| cited)?[ \t]*:?[ \t]*",
    re.IGNORECASE,
)
SOURCE_LINE = re.compile(r"[ \t]*\[\^?\d{1,3}\]:|[ \t]*\^\d{1,3}[ \t:]")
# A fence of the prompt, see `rag.generation.prompts`.
FENCE_LINE = re.compile(r"[ \t]*[0-9a-f]{16}\b")
SPACE_BEFORE_PUNCTUATION = re.compile(r"[ \t]+(?=[.,;:!?](?:\s|$))")
# What the next character may turn into Markdown: a number at a line's start, signs at its end.
LIST_NUMBER = re.compile(r"\d{1,2}[.)]?\Z")
TRAILING_SIGNS = " *_`"
BLOCKS: tuple[Block, ...] = ("heading", "item", "numbered")


class Preamble(str):
    """A piece of a draft that asserts nothing: the program's own words before a quotation.

    Only the extractive backend yields these; what a model writes is never of this type.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft without its marks; ``marks`` are the numbers, each once, in order.

    ``block`` says which part of Markdown it begins; empty inside a paragraph. ``bold`` are the
    words of it that are set in bold, in order.
    """

    text: str
    marks: tuple[int, ...]
    block: Block = ""
    bold: tuple[str, ...] = ()

    def emphasis(self, text: str) -> tuple[Span, ...]:
        """Where the words in bold are in what became of the sentence."""
        found, at = [], 0
        for words in self.bold:
            start = text.find(words, at)
            if start >= 0:
                at = start + len(words)
                found.append(Span(start, at))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class PartialSentence:
    """The text of a draft after its last complete sentence, as received so far."""

    text: str


class DraftParser:
    """Parses a draft that arrives in pieces into sentences with their marks.

    A mark belongs to the sentence that it is in or follows, and at the beginning of a line to
    the sentence after it; marks on a line of their own belong to the sentence before. Markdown
    signs and control characters are dropped, words never. The sentences do not depend on where
    the draft is cut into pieces.

    Attributes:
        unfinished: The incomplete sentence at the end of a draft that was aborted.
    """

    def __init__(self) -> None:
        self.unfinished: DraftSentence | None = None
        self._line = ""
        # Sentences of the current line that were yielded, and characters of it that were parsed.
        self._yielded = 0
        self._parsed = 0
        self._partial: tuple[DraftSentence, ...] = ()
        # The last sentence of a finished line: marks on the next line may still belong to it.
        self._held: DraftSentence | None = None
        self._leading_marks: tuple[int, ...] = ()
        self._lists_sources = False
        self._after_empty_line = False

    def feed(self, piece: str) -> Iterator[DraftSentence]:
        """The sentences that this piece completes."""
        *lines, rest = piece.split("\n")
        for line in lines:
            self._line += line
            yield from self._end_line()
        self._line += rest
        yield from self._complete_sentences()

    @property
    def partial_text(self) -> str:
        """The text that was not yielded yet, without what may still become a mark."""
        held = () if self._held is None else (self._held,)
        text = " ".join(sentence.text for sentence in (*held, *self._partial))
        return text.rstrip(TRAILING_SIGNS)

    def close(self) -> Iterator[DraftSentence]:
        """The remaining sentences, once the draft has ended."""
        yield from self._end_line()
        yield from self._release(())

    def abort(self) -> Iterator[DraftSentence]:
        """The remaining complete sentences of a draft that stopped midway; sets `unfinished`."""
        self._line = without_open_mark(self._line)
        has_rest = len(_parse_line(self._line)[0]) > self._yielded
        remaining = [*self.close()]
        if has_rest and not _is_complete(remaining[-1].text):
            self.unfinished = remaining.pop()
        yield from remaining

    def _end_line(self) -> Iterator[DraftSentence]:
        if self._is_apparatus():
            self._line, self._parsed = "", 0
            return
        sentences, marks = self._sentences_of(self._line)
        self._after_empty_line = not self._line.strip()
        fresh, line = sentences[self._yielded :], self._line
        self._line, self._yielded, self._parsed, self._partial = "", 0, 0, ()
        if not sentences:
            if self._held and self._held.block == "row" and BELOW_COLUMN_NAMES.match(line):
                self._held = replace(self._held, block="heading")
            self._keep_marks(marks)
        elif fresh:
            yield from self._release(fresh[:-1])
            self._held = self._with_leading_marks(fresh[-1])

    def _complete_sentences(self) -> Iterator[DraftSentence]:
        """Sentences of an unfinished line that no further text can change.

        The last sentence is still growing. The one before it is complete once two words of the
        last are there: the first word after a full stop decides whether it ends the sentence.
        """
        # Parsing a long line at every piece would take quadratic time.
        grown = len(self._line) - self._parsed
        if grown < max(1, len(self._line) // 50):
            return
        self._parsed = len(self._line)
        if self._is_apparatus() or _without_markup(self._line).lstrip().startswith("|"):
            # Only its end shows whether it is a row of a table.
            return
        sentences, _ = self._sentences_of(without_open_mark(self._line))
        if sentences and TWO_WORDS.match(sentences[0].text):
            # Not a line of marks, which would belong to the line before.
            yield from self._release(())
        growing = 1 if sentences and TWO_WORDS.match(sentences[-1].text) else 2
        complete = sentences[self._yielded : max(self._yielded, len(sentences) - growing)]
        if complete:
            self._yielded += len(complete)
            yield from self._release(complete)
        is_list_number = len(sentences) == 1 and LIST_NUMBER.match(sentences[0].text)
        self._partial = () if is_list_number else sentences[self._yielded :]

    def _sentences_of(self, line: str) -> tuple[tuple[DraftSentence, ...], tuple[int, ...]]:
        sentences, marks = _parse_line(line)
        if sentences and self._after_empty_line and not sentences[0].block:
            sentences = (replace(sentences[0], block="paragraph"), *sentences[1:])
        return sentences, marks

    def _is_apparatus(self) -> bool:
        """Whether the line is a fence or belongs to a list of what the marks mean."""
        plain = _without_markup(self._line).strip()
        self._lists_sources = self._lists_sources or bool(LIST_OF_SOURCES.fullmatch(plain))
        own = FENCE_LINE.match(self._line) or SOURCE_LINE.match(self._line)
        return self._lists_sources or bool(own)

    def _release(self, sentences: Sequence[DraftSentence]) -> Iterator[DraftSentence]:
        """The held sentence, and then these."""
        if self._held is not None:
            yield self._held
            self._held = None
        for sentence in sentences:
            yield self._with_leading_marks(sentence)

    def _keep_marks(self, marks: tuple[int, ...]) -> None:
        """Marks on a line of their own."""
        if self._held is None:
            self._leading_marks = _unique(*self._leading_marks, *marks)
        else:
            self._held = replace(self._held, marks=_unique(*self._held.marks, *marks))

    def _with_leading_marks(self, sentence: DraftSentence) -> DraftSentence:
        """Marks on lines of their own before the first sentence belong to it."""
        marks = _unique(*self._leading_marks, *sentence.marks)
        self._leading_marks = ()
        return replace(sentence, marks=marks)


def parse_draft(draft: str) -> tuple[DraftSentence, ...]:
    """The sentences of a whole draft in order, each with the marks that belong to it."""
    parser = DraftParser()
    return (*parser.feed(draft), *parser.close())


def _unique(*numbers: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers))


def _table_row_as_text(line: str) -> str:
    """A row of a table as one line: its cells, separated by dashes."""
    if not TABLE_ROW.match(line):
        return line
    return " – ".join(cell.strip() for cell in line.strip().strip("|").split("|") if cell.strip())


def _parse_line(line: str) -> tuple[tuple[DraftSentence, ...], tuple[int, ...]]:
    """The sentences of one line; if it has none, the marks in it."""
    plain = _table_row_as_text(_without_markup(line))
    pieces: list[str] = []
    marks: list[tuple[int, tuple[int, ...]]] = []
    length = last = 0
    for match in MARK.finditer(plain):
        before = plain[last : match.start()]
        pieces.append(before)
        length += len(before)
        marks.append((length, numbers_of(match)))
        last = match.end()
    pieces.append(plain[last:])
    bare = "".join(pieces)
    spans = tuple(
        s for s in texts.sentences(bare) if any(c.isalnum() for c in bare[s.start : s.end])
    )
    if not spans:
        return (), _unique(*(number for _, numbers in marks for number in numbers))
    owned: list[dict[int, None]] = [{} for _ in spans]
    for position, numbers in marks:
        owned[_sentence_at(spans, position)].update(dict.fromkeys(numbers))
    bold: list[list[str]] = [[] for _ in spans]
    for start, words in _bold_words(line, bare):
        bold[_sentence_at(spans, start)].append(words)
    found = (
        DraftSentence(
            *(_normalized(bare[span.start : span.end]), tuple(numbers)),
            *("" if place else _block(line), tuple(words)),
        )
        for place, (span, numbers, words) in enumerate(zip(spans, owned, bold, strict=True))
    )
    return tuple(found), ()


def _bold_words(line: str, bare: str) -> Iterator[tuple[int, str]]:
    """What a line has in bold, with where it is in the line without marks and Markdown."""
    at = 0
    for match in BOLD.finditer(line):
        words = MARK.sub("", _without_markup(match["words"])).strip()
        start = bare.find(words, at) if words else -1
        if start >= 0:
            yield start, _normalized(words)
            at = start + len(words)


def _block(line: str) -> Block:
    """Which part of Markdown a line is; empty for a line of a paragraph."""
    if TABLE_ROW.match(line):
        return "row"
    if BOLD_LINE.match(line):
        return "heading"
    found = LINE_MARKUP.match(line)
    return next((kind for kind in BLOCKS if found and found[kind]), "")


def _is_complete(sentence: str) -> bool:
    """Whether a sentence has ended, and not with the full stop of an abbreviation."""
    return len(texts.sentences(f"{sentence} The rest")) > len(texts.sentences(sentence))


def _sentence_at(spans: tuple[Span, ...], position: int) -> int:
    """Index of the sentence that a mark at this position belongs to."""
    last = bisect_right(spans, position, key=lambda span: span.start) - 1
    if last > 0 and position == spans[last].start:
        return last - 1
    return max(0, last)


def _without_markup(draft: str) -> str:
    visible = "".join(
        c for c in draft if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    bare = INLINE_MARKUP.sub("", LINE_MARKUP.sub("", visible))
    labelled = LABEL.match(bare)
    return bare[labelled.end() :] if labelled else bare


def _normalized(sentence: str) -> str:
    sentence = restore_brackets(sentence)
    return SPACE_BEFORE_PUNCTUATION.sub("", " ".join(sentence.split()))

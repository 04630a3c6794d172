"""Cuts an article into passages of whole sentences.

Offsets are computed here and never searched for afterwards: a search errs on repetitive text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rag import text as texts
from rag.errors import SettingsError
from rag.store import Store
from rag.types import Article, Passage, Span

# MiniLM reads 256 word pieces, two of which are its own marks. A budget below that leaves room
# for a heading; on news, 512-piece chunks found less evidence at the same token budget.
MOST_TOKENS = 240
OVERLAP_TOKENS = 32
# Text without a sentence end in this many times the budget is cut into pieces: a list in a row.
LONGEST_SENTENCE = 2
PIECE_END = re.compile(r"[,;:](?=\s)|[，、；：]")
# What a user may choose: a sentence takes about twenty tokens.
FEWEST_TOKENS, MOST_CHOSEN = 16, 8_000
# The note of a library whose passages have another size.
SIZE_NOTE = "passage_tokens"


class PassageSize(NamedTuple):
    """Budget of a passage, and of what neighbours share, in tokens of the embedder."""

    most: int = MOST_TOKENS
    overlap: int = OVERLAP_TOKENS

    @classmethod
    def of(cls, store: Store) -> PassageSize:
        """The size that the passages of a library have."""
        written = store.catalog.note(SIZE_NOTE)
        return cls(*map(int, written.split())) if written else cls()

    def changed(self, most: int | None, overlap: int | None) -> PassageSize:
        """This size with other budgets; None leaves one as it is.

        Raises:
            SettingsError: The size is impossible.
        """
        most = self.most if most is None else most
        overlap = self.overlap if overlap is None else overlap
        if not FEWEST_TOKENS <= most <= MOST_CHOSEN:
            allowed = f"{FEWEST_TOKENS} to {MOST_CHOSEN:,}"
            raise SettingsError("the tokens of a passage", most, allowed)
        if not 0 <= overlap <= most // 2:
            raise SettingsError(
                "the overlap in tokens", overlap, f"0 to {most // 2}: half of a passage"
            )
        return PassageSize(most, overlap)

    @property
    def notes(self) -> dict[str, str]:
        """What `of` reads."""
        return {SIZE_NOTE: f"{self.most} {self.overlap}"}


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, its length in tokens, and whether it is the heading of what follows."""

    span: Span
    tokens: int
    is_heading: bool


def chunk(
    article: Article,
    count_tokens: Callable[[Sequence[str]], Sequence[int]],
    most: int = MOST_TOKENS,
    overlap: int = OVERLAP_TOKENS,
) -> tuple[Passage, ...]:
    """Passages that hold every sentence of the article whole, in order, starts strictly rising.

    A passage has at most ``most`` tokens unless a single sentence (with its heading) has more; one
    of more than twice as many is cut.
    Neighbours share whole sentences of up to ``overlap`` tokens together. A heading never ends a
    passage: it goes with what follows.

    Args:
        article: The cleaned article.
        count_tokens: Tokens of each text, without the model's own marks.
        most: Budget of one passage in tokens.
        overlap: Budget of what neighbours share, in tokens; below ``most``.

    Raises:
        ValueError: The budgets are not ``0 <= overlap < most``.
    """
    if not 0 <= overlap < most:
        raise ValueError(f"the overlap ({overlap}) must be from 0 to below the budget ({most})")
    units = _units(article.text, count_tokens, most)
    passages = []
    first = 0
    while first < len(units):
        end = _end(units, first, most)
        span = Span(units[first].span.start, units[end - 1].span.end)
        passages.append(Passage(article.id, *span, article.text[span.start : span.end]))
        if end == len(units):
            break
        first = _next_start(units, first, end, most, overlap)
    return tuple(passages)


def _units(
    text: str, count_tokens: Callable[[Sequence[str]], Sequence[int]], most: int
) -> list[_Unit]:
    lines = texts.paragraphs(text)
    headings = [texts.is_heading(text[line.start : line.end]) for line in lines]
    # A run of short lines is a list, not a pile of headings: only its last line heads anything.
    heads = {
        line
        for line, this, following in zip(lines, headings, [*headings[1:], True], strict=False)
        if this and not following
    }
    spans = texts.sentences(text)
    counts = count_tokens([text[s.start : s.end] for s in spans]) if spans else ()
    units = []
    for span, tokens in zip(spans, counts, strict=True):
        if tokens <= LONGEST_SENTENCE * most:
            units.append(_Unit(span, tokens, span in heads))
            continue
        # Some pieces have more tokens than the average.
        longest = (span.end - span.start) * most * 3 // (4 * tokens)
        pieces = list(_pieces(text, span, max(longest, 1)))
        sizes = count_tokens([text[p.start : p.end] for p in pieces])
        units += [_Unit(piece, n, False) for piece, n in zip(pieces, sizes, strict=True)]
    return units


def _pieces(text: str, span: Span, longest: int) -> Iterator[Span]:
    """The pieces of text without sentence ends, cut after a mark or else between words."""
    start = span.start
    while span.end - start > longest:
        window = text[start : start + longest]
        marks = [match.end() for match in PIECE_END.finditer(window)]
        cut = next((end for end in reversed(marks) if 2 * end > longest), 0)
        cut = cut or window.rfind(" ")
        end = start + (cut if cut > 0 else longest)
        yield Span(start, start + len(text[start:end].rstrip()))
        start = end
        while start < span.end and text[start].isspace():
            start += 1
    if start < span.end:
        yield Span(start, span.end)


def _end(units: Sequence[_Unit], first: int, most: int) -> int:
    """Index after the last unit of the passage that starts at ``first``."""
    total, end = 0, first
    while end < len(units) and (total + units[end].tokens <= most or units[end - 1].is_heading):
        # After a heading one unit is always taken, but only if the heading opened the passage.
        if total + units[end].tokens > most and end - 1 != first:
            break
        total += units[end].tokens
        end += 1
    end = max(end, first + 1)
    if end < len(units) and end - 1 > first and units[end - 1].is_heading:
        end -= 1
    return end


def _next_start(units: Sequence[_Unit], first: int, end: int, most: int, overlap: int) -> int:
    """Start of the next passage: a little before ``end``, and always after ``first``."""
    start, shared = end, 0
    while start - 1 > first and shared + units[start - 1].tokens <= overlap:
        shared += units[start - 1].tokens
        start -= 1
    new = units[end].tokens
    if units[end].is_heading and end + 1 < len(units):
        new += units[end + 1].tokens
    return start if shared + new <= most else end

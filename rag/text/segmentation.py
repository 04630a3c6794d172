"""Where paragraphs, sentences and headings are in a text.

An article's text has its paragraphs on lines of their own; a heading is a paragraph. All patterns
run in linear time, because they meet the text of strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.tokenization import WORD
from rag.types import Span

PARAGRAPH = re.compile(r"\S[^\n\r\u2028\u2029]*")
# The look-behind and the possessive runs keep a long row of points from costing its square.
SENTENCE_END = re.compile(
    r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’»)\]]*+(?=\s)|(?<![。！？])[。！？]++[”’」』）]*+"
)

# A full stop after these does not end a sentence.
ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof sr jr st mt rev hon gen col capt cmdr lt maj sgt sen rep gov pres supt vs
    viz cf al ed eds vol pp fig figs no nos art sec ch dept univ assn bros est approx ca resp
    e.g i.e jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    ave blvd rd sq ft lb lbs oz hr hrs min messrs mme mlle""".split()
)
# These may also stand at the end of a sentence; the next word decides.
ABBREVIATIONS_AT_END = frozenset(
    "inc co corp ltd llc plc u.s u.k u.n e.u d.c a.m p.m etc ph.d m.d b.a m.a".split()
)
STARTERS = frozenset(
    """the a an this that these those it he she they we i you his her its their our in on at but and
    or so however for from as when while if although though after before since there here what who
    why how where which to with by not no yes also meanwhile""".split()
)


def paragraphs(text: str) -> tuple[Span, ...]:
    """The lines of ``text`` that are not blank, without the white space around them."""
    spans = []
    for match in PARAGRAPH.finditer(text):
        spans.append(Span(match.start(), match.start() + len(match.group().rstrip())))
    return tuple(spans)


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of ``text`` in order, headings included, without white space around them."""
    spans: list[Span] = []
    for paragraph in paragraphs(text):
        start = paragraph.start
        for end in _sentence_ends(text, paragraph):
            spans.append(Span(start, end))
            start = end
            while start < paragraph.end and text[start].isspace():
                start += 1
        if start < paragraph.end:
            spans.append(Span(start, paragraph.end))
    return tuple(spans)


def _sentence_ends(text: str, paragraph: Span) -> Iterator[int]:
    """Offsets behind each sentence that ends inside a paragraph, its last one left out."""
    start = paragraph.start
    for match in SENTENCE_END.finditer(text, paragraph.start, paragraph.end):
        end = match.end()
        after = end
        while after < paragraph.end and text[after].isspace():
            after += 1
        if after < paragraph.end and _ends_sentence(text, start, match, after, paragraph.end):
            yield end
            start = after


def _ends_sentence(text: str, start: int, match: re.Match[str], after: int, limit: int) -> bool:
    """Whether the punctuation in ``match`` closes the sentence begun at ``start``."""
    mark = match.group()
    if mark[0] in "。！？":
        return True
    following = text[after]
    if following.islower():
        return False
    if mark.rstrip("\"'”’»)]") != ".":
        return True
    if not text[start : match.start()].strip():
        return False
    # The longest abbreviation has four letters and points between: eight characters back suffice.
    before = re.search(r"[^\s(\"“‘'\[]*$", text[max(start, match.start() - 12) : match.start()])
    word = (before.group() if before else "").lower()
    first = match.start() - len(word) == start
    if mark == "." and first and word.isdigit():
        return False  # "1. The first point"
    if word in ABBREVIATIONS_AT_END:
        following_word = WORD.match(text, after, limit)
        return following_word is not None and following_word.group().lower() in STARTERS
    if mark == "." and word in ABBREVIATIONS:
        # "no." is a number only in front of one; otherwise it is an answer.
        return word in ("no", "art", "min") and not following.isdigit()
    is_initial = len(word) == 1 and word.isalpha() and word != "i"
    return not (mark == "." and (is_initial or re.fullmatch(r"(?:[a-z]\.)+[a-z]", word)))


def is_heading(paragraph: str) -> bool:
    """Whether a paragraph reads as a heading: short, and without a sentence's full stop."""
    stripped = paragraph.strip()
    if not stripped or len(stripped) > 120 or stripped[-1] in '.!…,;"”’)':
        return False
    return len(stripped.split()) <= 14 and stripped[0].isalnum()

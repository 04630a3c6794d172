"""Where paragraphs, sentences and headings are in a text.

An article's text has its paragraphs on lines of their own; a heading is a paragraph. All patterns
run in linear time, because they meet the text of strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.data import read_word_groups
from rag.text.characters import UNSPACED_RUN
from rag.text.numbers_and_dates import MONTHS, WEEKDAYS
from rag.text.tokenization import WORD
from rag.types import Span

PARAGRAPH = re.compile(r"\S[^\n\r\u2028\u2029]*")
# In their scripts these end every sentence, with or without a space after them.
FULL_STOPS = "。！？।॥۔؟።"
# The look-behind and the possessive runs keep a long row of points from taking quadratic time.
SENTENCE_END = re.compile(
    rf"(?<![.!?…{FULL_STOPS}])[.!?…{FULL_STOPS}]++[\"'”’»)\]]*+(?=\s)"
    rf"|(?<![{FULL_STOPS}])[{FULL_STOPS}]++[”’」』）]*+"
)
# A line that ends in one of these is not a heading; a question may be one.
NOT_IN_HEADINGS = f'.!…,;"”’){FULL_STOPS.translate(str.maketrans("", "", "？؟"))}'
OPENING_MARKS = "([{\"“‘'«"
CLOSING_MARKS = "\"'”’»)]"
SPACED_MARK = re.compile(r"[.!?](?!\S)")
# Three spaced points leave words out; a fourth one ends the sentence.
SPACED_ELLIPSIS = re.compile(r"(?<!\.) \. \. \.$")
# A line of this many words without a full stop is more often a subtitle with a statement.
WORDS_OF_A_STATEMENT = 9
# A word takes as many characters in scripts without spaces.
CHARACTERS_OF_A_WORD = 3
# A short name without figures, and a value that is no sentence; "Q: Why?" is a question.
PROPERTY = re.compile(r"[^\W\d_][^:;.!?\d]{1,40}+: [^:\s].{0,99}(?<![.!?…])")
QUESTION = re.compile(r"[?？؟][\"'”’»)\]]*$")
SINGLE_LETTER = re.compile(r"[^\W\d_]\.")
DOTTED_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
# "EST", "Tokyo time"
TIME_ZONE = re.compile(r"[A-Z]{2,5}\b|\w+ time\b")
# How many characters in front of a full stop are looked at.
WINDOW = 60
# What only says when or where at the beginning of a sentence has at most this many words.
LONGEST_OPENING = 6
WORDS = read_word_groups("sentence_ends.toml")


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
    """The offset after each sentence that ends inside a paragraph, except its last one."""
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
    if mark[0] in FULL_STOPS:
        return True
    if text[after].islower() or SPACED_MARK.match(text, after):
        return False
    if mark.rstrip(CLOSING_MARKS) != ".":
        return True
    window = text[max(start, match.start() - WINDOW) : match.start()]
    before = window.split()
    if not before:
        return False
    if window[-1].isspace():
        return not SPACED_ELLIPSIS.search(f"{window}.")
    word = before.pop().lstrip(OPENING_MARKS).lower()
    rest = text[after : min(limit, after + WINDOW)]
    opens = len(window) == match.start() - start
    if word in WORDS["clock"] or word in WORDS["may_end"]:
        says_when = opens and _only_says_when([*before, word])
        return _begins_after_abbreviation(word, rest, says_when)
    return mark != "." or _ends_after_word(word, before, rest, opens and not before)


def _only_says_when(opening: Sequence[str]) -> bool:
    """Whether the words that a sentence begins with only say when or where: "At 5 a.m."."""
    return len(opening) <= LONGEST_OPENING and opening[0].lower() in WORDS["adverbial_openers"]


def _begins_after_abbreviation(word: str, rest: str, says_when: bool) -> bool:
    """Whether ``rest`` begins a sentence after an abbreviation that may end one: "p.m."."""
    first = _first_word(rest)
    if first in WORDS["starters"]:
        return True
    if says_when or not first[:1].isalpha():
        return False
    if word in WORDS["clock"]:
        return not (TIME_ZONE.match(rest) or first in {*WORDS["time_zones"], *MONTHS, *WEEKDAYS})
    return first in WORDS["courtesy_titles"]


def _ends_after_word(word: str, before: Sequence[str], rest: str, opens: bool) -> bool:
    """Whether a full stop ends a sentence after ``word``, between ``before`` and ``rest``."""
    previous = before[-1].lstrip(OPENING_MARKS) if before else ""
    if word in WORDS["before_figures"]:
        return not rest[:1].isdigit()
    if word in WORDS["never_last"] or word.rpartition("-")[2] in WORDS["titles"]:
        return False
    if opens and (word.isdigit() or len(word) == 1):
        return False  # "1. The first point", "Q. What is it?"
    if word.isdigit():
        return not _is_german_day(word, previous, rest)
    if len(word) == 1 and word.isalpha():
        return not _is_initial(word, previous, rest)
    return not DOTTED_INITIALS.fullmatch(word)


def _is_german_day(number: str, previous: str, rest: str) -> bool:
    """Whether a number with a full stop is the day of a German date: "am 3. Mai"."""
    month = _first_word(rest)
    announced = previous.lower().rstrip(",") in WORDS["before_german_dates"]
    named = month in WORDS["german_months"] or (announced and month in WORDS["shared_months"])
    return named and len(number) <= 2


def _is_initial(letter: str, previous: str, rest: str) -> bool:
    """Whether a single letter with a full stop abbreviates a name: "J. Smith", not "vitamin C."."""
    if SINGLE_LETTER.match(rest):
        return True  # of several: "J. R. Smith"
    if previous.lower() in WORDS["lettered"] or _first_word(rest) in WORDS["starters"]:
        return False
    if letter == "x" and previous.lower() in WORDS["before_platform"]:
        return False
    return letter != "i" or previous[:1].isupper()  # "you and I. Then"


def _first_word(text: str) -> str:
    """The word that a text begins with, in lower case; empty if it begins with a mark."""
    match = WORD.match(text)
    return match.group().lower() if match else ""


def is_heading(paragraph: str) -> bool:
    """Whether a paragraph reads as a heading: short, and without a sentence's full stop."""
    stripped = paragraph.strip()
    if not stripped or len(stripped) > 120 or stripped[-1] in NOT_IN_HEADINGS:
        return False
    if is_table_row(stripped):
        return False
    return _word_count(stripped) <= 14 and stripped[0].isalnum()


def _word_count(text: str) -> int:
    """About how many words a text has, also in scripts without spaces."""
    runs = sum(len(run) // CHARACTERS_OF_A_WORD for run in UNSPACED_RUN.findall(text))
    return max(len(text.split()), runs)


def is_table_row(paragraph: str) -> bool:
    """Whether a paragraph is the row of a table, each cell after the name of its column.

    Such as "Ticket: Child; Weekend: 4.50"; the first column may have no name.
    """
    first, *others = paragraph.split("; ")
    named = [": " in cell.strip() for cell in others]
    return bool(named) and all(named) and (len(named) > 1 or ": " in first)


def is_property(paragraph: str) -> bool:
    """Whether a paragraph looks like the row of a table of properties, as "Built: 1958".

    So do some headings; only among others of its kind it surely is one.
    """
    return PROPERTY.fullmatch(paragraph) is not None


def states_something(sentence: str, *, alone: bool) -> bool:
    """Whether a sentence is neither a question nor a short heading on a line by itself."""
    if QUESTION.search(sentence):
        return False
    heading = alone and is_heading(sentence)
    return not heading or _word_count(sentence) >= WORDS_OF_A_STATEMENT

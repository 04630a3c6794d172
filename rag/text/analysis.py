"""Cutting and comparing text: paragraphs, sentences, words, and a normal form with offsets.

An article's text has its paragraphs on lines of their own; a heading is a paragraph. All patterns
run in linear time, because they meet text of strangers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from rag.types import Span

# Function words: they carry grammar, not content. Negations are not among them.
STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing during each else ever for from further
    had has have having he her here hers herself him himself his how i if in into is it its itself
    just let many may me might more most much must my myself of off on once only or other our ours
    ourselves out over own per same shall she should so some such than that the their theirs them
    themselves then there these they this those through to too under until up upon us very was we
    were what when where which while who whom whose why will with would yet you your yours
    yourself yourselves say says said tell according article articles s t re ve ll d m whats whos
    hows wheres whens thats theres im ive dont doesnt didnt isnt ppl""".split()
)

PARAGRAPH = re.compile(r"\S[^\n\r\u2028\u2029]*")
# A word, keeping inner apostrophes, points, commas and hyphens: don't, 1.5, 10,000, GPT-4, U.S
WORD = re.compile(r"[^\W_]+(?:['’.,\-‐‑][^\W_]+)*[%]?")
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


NAME_AND_NUMBER = re.compile(r"^([^\W\d_]+)-(\d[\w.]*)$")


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


_PLAIN_MARKS = str.maketrans({"’": "'", "‑": "-", "‐": "-"})


@lru_cache(maxsize=1_024)
def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` in lower case, in order; possessive endings are cut off."""
    found = WORD.findall(text.translate(_PLAIN_MARKS).casefold())
    return tuple([word.removesuffix("'s") for word in found])


_STEMMER = snowballstemmer.stemmer("english")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English Snowball stem of a word in lower case."""
    return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=16_384)
def content_stems(text: str) -> tuple[str, ...]:
    """Stems of the words that are not function words, in order.

    Hyphenated words count as their parts, but a number stays with its name: GPT-4 and GPT4 are
    the same word.
    """
    return tuple([part for word in words(text) for part in _stems_in(word)])


@lru_cache(maxsize=65_536)
def _stems_in(word: str) -> tuple[str, ...]:
    parts = NAME_AND_NUMBER.sub(r"\1\2", word).split("-") if "-" in word else (word,)
    return tuple(stem(part) for part in parts if part and part not in STOP_WORDS)


@dataclass(frozen=True, slots=True)
class Normalized:
    """A text in normal form; ``offsets[i]`` is where character ``i`` stands in the original.

    ``offsets`` has one entry more than ``text``: the original's length.
    """

    text: str
    offsets: tuple[int, ...]

    def find(self, needle: str, start: int = 0) -> Span | None:
        """Span in the *original* of the first place where the normalised ``needle`` stands."""
        at = self.text.find(needle, start) if needle else -1
        if at < 0:
            return None
        return Span(self.offsets[at], self.offsets[at + len(needle) - 1] + 1)


SAME_CHARACTER = {
    **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "\u00ad": "",
    "\u200b": "",
    "\u200c": "",
    "\u200d": "",
    "\u2060": "",
    "\ufeff": "",
}


def normalize(text: str) -> Normalized:
    """Folds case, spaces, quotation marks, dashes, ligatures and Unicode forms.

    Runs of white space become one space, invisible characters vanish, ``''`` and double backticks
    count as a quotation mark. The result maps each character back to the original.
    """
    characters: list[str] = []
    offsets: list[int] = []
    for position, character in enumerate(text):
        for piece in _normal_form(character):
            if piece == " " and (not characters or characters[-1] == " "):
                continue
            if piece == "'" and characters and characters[-1] == "'":
                characters[-1] = '"'
                continue
            if unicodedata.combining(piece) and characters:
                composed = unicodedata.normalize("NFC", characters[-1] + piece)
                if len(composed) == 1:
                    characters[-1] = composed
                    continue
            characters.append(piece)
            offsets.append(position)
    while characters and characters[-1] == " ":
        characters.pop()
        offsets.pop()
    return Normalized("".join(characters), (*offsets, len(text)))


@lru_cache(maxsize=4_096)
def _normal_form(character: str) -> str:
    if character in SAME_CHARACTER:
        return SAME_CHARACTER[character]
    if character.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", character).casefold()
    return "".join(SAME_CHARACTER.get(c, " " if c.isspace() else c) for c in folded)

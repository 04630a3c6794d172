"""Words, their stems, and the words that carry grammar only."""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

from rag.data import read_words

# Function words: they carry grammar, not content. Negations are not among them.
STOP_WORDS = read_words("stop_words.txt")

# A word, keeping inner apostrophes, points, commas and hyphens: don't, 1.5, 10,000, GPT-4, U.S
WORD = re.compile(r"[^\W_]+(?:['’.,\-‐‑][^\W_]+)*[%]?")
NAME_AND_NUMBER = re.compile(r"^([^\W\d_]+)-(\d[\w.]*)$")
_PLAIN_MARKS = str.maketrans({"’": "'", "‑": "-", "‐": "-"})


@lru_cache(maxsize=1_024)
def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` in lower case, in order; possessive endings are cut off."""
    found = WORD.findall(text.translate(_PLAIN_MARKS).casefold())
    return tuple([word.removesuffix("'s") for word in found])


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English Snowball stem of a word in lower case."""
    # A stemmer keeps its place in the word as state, so threads must not share one. Making one
    # takes no time beside stemming.
    return str(snowballstemmer.stemmer("english").stemWord(word))


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

"""Whether a text is in another language than others, without naming either."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rag.data import read_words
from rag.text.tokenization import STOP_WORDS, WORD, words

FOREIGN_WORDS = read_words("foreign_function_words.txt")
# Fewer words or letters tell no language.
FEWEST_WORDS = 4
FEWEST_LETTERS = 3
# Of an article, in characters, so much tells its script.
SAMPLE = 400


def is_other_language(sentence: str, articles: Sequence[str]) -> bool:
    """Whether a sentence is written in another script or language than the articles."""
    letters = sum(map(str.isalpha, sentence))
    if letters < FEWEST_LETTERS:
        return False
    latin = is_latin(sentence)
    if articles and latin != (2 * sum(map(_begins_latin, articles)) >= len(articles)):
        return True
    said = words(sentence)
    if not latin or len(said) < FEWEST_WORDS:
        return False
    foreign = sum(word in FOREIGN_WORDS and word not in STOP_WORDS for word in said)
    english = sum(word in STOP_WORDS for word in said)
    # Letters that English does not have, in words that are no names.
    accented = sum(word.islower() and not word.isascii() for word in WORD.findall(sentence))
    if (foreign < 2 and (not accented or english)) or foreign + accented <= english:
        return False
    known = {word for text in articles for word in words(text)}
    return sum(word in known for word in said) < len(said) / 2


def is_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(map(_is_latin_letter, letters)) >= len(letters)


@lru_cache(maxsize=512)
def _begins_latin(text: str) -> bool:
    return is_latin(text[:SAMPLE])


def _is_latin_letter(character: str) -> bool:
    return character < "\u0250" or "\u1e00" <= character <= "\u1eff"

"""Scripts and diacritics, and the normal form in which the spelling of marks does not matter."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.types import Span


def _combining() -> Iterator[str]:
    """Ranges of the characters that are written on or after letters, for a character class."""
    last = 0x300
    start: int | None = None
    for code in range(0x300, 0x2000):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            start = code if start is None else start
            last = code
        elif start is not None:
            yield f"{chr(start)}-{chr(last)}"
            start = None


COMBINING = "".join(_combining())
# Thai, Lao, Burmese, Khmer, kana, Han; and Hangul, whose words carry their particles.
UNSPACED_RUN = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
# The Snowball stemmer of a script; several languages share one, and the commonest is taken.
SCRIPTS = (
    ("\u0370", "\u03ff", "greek"),
    ("\u0400", "\u052f", "russian"),
    ("\u0530", "\u058f", "armenian"),
    ("\u0600", "\u06ff", "arabic"),
    ("\u0900", "\u097f", "hindi"),
    ("\u0b80", "\u0bff", "tamil"),
)
# Letters that Unicode does not take apart.
PLAIN_LETTERS = str.maketrans(
    {
        **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n"},
        **{"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ĳ": "ij", "ĸ": "k", "ſ": "s"},
    }
)
# Written low or high in a word: H₂O, CO₂, m³. Behind a number they are its power.
SMALL_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789" * 2)
DIACRITICS = re.compile("[\u0300-\u036f]")


@lru_cache(maxsize=4_096)
def script_of(text: str) -> str:
    """The script of most letters of a text, as the first word of their Unicode names: LATIN.

    Han and kana count as one, as Japanese mixes them. Empty for a text without letters.
    """
    counts = Counter(
        unicodedata.name(letter, "").split(" ")[0].removesuffix("-WIDTH")
        for letter in text
        if letter.isalpha()
    )
    for kana in ("HIRAGANA", "KATAKANA"):
        counts["CJK"] += counts.pop(kana, 0)
    return counts.most_common(1)[0][0] if counts.total() else ""


def language_of_script(word: str) -> str:
    """The language that Snowball takes for a word's script; English for Latin and all others."""
    first = word[:1]
    if first < "\u0370":
        return "english"
    return next((name for low, high, name in SCRIPTS if low <= first <= high), "english")


def fold(text: str) -> str:
    """Text in lower case without diacritics: "böhme" is "bohme". Vowel signs stay.

    Digits that stand low or high in a word become plain: "co₂" is "co2".
    """
    if text.isascii():
        return text
    if text[0].isalpha():
        text = text.translate(SMALL_DIGITS)
    bare = DIACRITICS.sub("", unicodedata.normalize("NFD", text.translate(PLAIN_LETTERS)))
    return unicodedata.normalize("NFC", bare)


@dataclass(frozen=True, slots=True)
class Normalized:
    """A text in normal form; ``offsets[i]`` is where character ``i`` is in the original.

    ``offsets`` has one entry more than ``text``: the original's length.
    """

    text: str
    offsets: tuple[int, ...]

    def find(self, needle: str, start: int = 0) -> Span | None:
        """Span in the *original* of the first place where the normalised ``needle`` is."""
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

"""How plausible bytes are in each of the encodings that files are found in.

A reading is plausible if the characters beyond ASCII are letters of the language that the text
then is in, and letters and signs are in their usual places.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rag.data import read_word_groups
from rag.text import likely_language

# The commonest first: between readings that are equally plausible the first is taken.
ENCODINGS = (
    *("cp1252", "cp1251", "cp1250", "shift_jis", "gb18030", "big5", "cp949", "euc_jp"),
    *("cp1254", "cp1253", "cp1255", "cp1256", "cp1257", "cp874", "cp1258"),
    *("iso8859-15", "iso8859-2", "koi8-r", "koi8-u", "iso8859-5", "iso8859-7", "iso8859-9"),
    *("iso8859-13", "iso8859-16", "iso8859-6", "iso8859-8", "iso8859-4", "iso8859-10"),
    *("mac_roman", "mac_latin2", "mac_cyrillic", "mac_greek", "mac_turkish"),
    *("utf-16-le", "utf-16-be"),
    *("cp850", "cp437", "cp852", "cp866", "cp858", "cp857", "cp737", "cp862", "cp775"),
)
QUOTES = frozenset("‘’“”„‚«»‹›")
SIGNS = frozenset("–—…•€£§°©®™²³½¼¾±×µ·№")
EAST_ASIAN_SIGNS = frozenset("、。，．！？：；「」『』（）《》【】・ー〜％　“”…—")
# What a character beyond ASCII adds: a letter of the language, a sign in its place, a letter or
# an East Asian character that is not among the frequent ones, a Latin letter of another language,
# and what makes no sense. Chosen on tests/support/encoded_texts.py.
OWN, SIGN, SELDOM, RARE, FOREIGN, NONSENSE = 1.0, 0.9, 0.7, 0.4, 0.2, -1.0


# ASCII letters tell a text's language if they are this share of its letters, and this many.
SHARED, FEWEST_SHARED = 0.6, 20
# At most this many characters of a text are judged.
JUDGED = 2_000


class Reading(NamedTuple):
    """One way to read bytes.

    Attributes:
        encoding: The first that reads them so.
        plausibility: What the characters beyond ASCII add on average, at most 1.
        judged: How many there are.
    """

    encoding: str
    plausibility: float
    judged: int

    def leads(self, other: Reading) -> float:
        """By how much its characters add more than the other's would."""
        return (self.plausibility - other.plausibility) * max(self.judged, other.judged)


def readings(data: bytes, encodings: Sequence[str] = ENCODINGS) -> list[Reading]:
    """The readings of some bytes that differ, the most plausible first."""
    found: dict[str, Reading] = {}
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text not in found:
            found[text] = _judged(encoding, text[:JUDGED])
    return sorted(found.values(), key=lambda reading: -reading.plausibility)


def _judged(encoding: str, text: str) -> Reading:
    # Judged by the letters that all readings share where there are enough of them, so that a wrong
    # reading does not choose its own language.
    shared = "".join(character if character.isascii() else " " for character in text)
    count = sum(map(str.isalpha, shared))
    enough = count >= max(FEWEST_SHARED, SHARED * sum(map(str.isalpha, text)))
    letters = _alphabet(likely_language(shared if enough else text))
    padded = f" {unicodedata.normalize('NFC', text)} "
    values = [
        _value(padded[at - 1], character, padded[at + 1], letters)
        for at, character in enumerate(padded)
        if character > "\x7f" or (character < " " and character not in "\t\n\r\x0b\x0c")
    ]
    return Reading(encoding, sum(values) / len(values) if values else OWN, len(values))


@cache
def _alphabet(language: str) -> frozenset[str]:
    lower = read_word_groups("alphabets.toml").get(language, frozenset())
    return lower | {letter.upper() for letter in lower}


@cache
def _frequent() -> frozenset[str]:
    lower = read_word_groups("alphabets.toml")["frequent"]
    return lower | {letter.upper() for letter in lower}


def _value(before: str, character: str, after: str, letters: frozenset[str]) -> float:
    """What one character adds, between its neighbours."""
    if character in EAST_ASIAN_SIGNS and max(before, after) > "\u2e80":
        return OWN
    if character >= "\u3040":
        return _east_asian(before, character, after)
    if (
        not character.isalpha()
        and not unicodedata.combining(character)
        and character not in letters
    ):
        return _sign(before, character, after)
    if character.isupper() and before.islower():
        return NONSENSE
    if unicodedata.combining(character) and not (before.isalpha() or unicodedata.combining(before)):
        return NONSENSE
    if character.isdigit() and (before.isalpha() or after.isalpha()):
        return NONSENSE
    if any(each.isalpha() and _script(each) != _script(character) for each in (before, after)):
        return NONSENSE
    # A sign that is misread is often a capital by itself.
    alone = character.isupper() and not (before.isalpha() or after.isalpha())
    alone = alone or before.isdigit() or after.isdigit()
    if character not in letters or alone:
        return FOREIGN if character < "\u0250" or alone else NONSENSE
    return OWN if character < "\u0250" or character in _frequent() else SELDOM


def _sign(before: str, character: str, after: str) -> float:
    """A sign between two letters makes no sense, but for an apostrophe."""
    if character in QUOTES:
        inside = before.isalpha() and after.isalpha()
        return SIGN if not inside or character == "’" else NONSENSE
    if before.isalpha() and after.isalpha() and character not in "–—…·":
        return NONSENSE
    if character in SIGNS or character == "\xa0":
        return SIGN
    return (
        FOREIGN if unicodedata.category(character)[0] in "PS" and character < "\xc0" else NONSENSE
    )


def _east_asian(before: str, character: str, after: str) -> float:
    if before.isascii() and before.isalpha() and after.isascii() and after.isalpha():
        return NONSENSE
    if character in read_word_groups("alphabets.toml")["east_asian"] or character < "\u3100":
        return OWN
    if "\u4e00" <= character <= "\ud7a3":
        return RARE
    # Full-width forms; the half-width kana after them are one byte each, so any text is full of
    # them when it is misread.
    return SIGN if "\uff01" <= character <= "\uff60" else NONSENSE


def _script(character: str) -> str:
    """The first word of a character's Unicode name: LATIN, CYRILLIC."""
    return unicodedata.name(character, "").split(" ")[0]

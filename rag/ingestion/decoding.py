"""Decodes bytes to text: by byte order mark, as UTF-8, or by the likeliest of many encodings.

A reading is plausible if the characters beyond ASCII are letters of the language that the text
then is in, and letters and signs are in their usual places.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rag.data import read_word_groups
from rag.text import likely_language

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TEXT_CONTROLS = b"\t\n\r\x0b\x0c\x1b\x85"
CONTROLS = bytes(set(range(32)) - set(TEXT_CONTROLS)) + b"\x7f"
# Bytes of which every tenth is a control character are not text.
MOST_CONTROLS = 0.1
# It writes Japanese in seven bits, between escape sequences.
JAPANESE_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
# If fewer of the characters beyond ASCII than this are broken, a file is UTF-8 and damaged.
FEW_BROKEN = 0.1
# Enough to tell an encoding by; judging takes time in proportion. In bytes, an even number.
SAMPLE = 16_384
# The plausibility, up to 1, below which no encoding is believed; and what one letter that is the
# language's own adds over one that is not: readings closer than that are about as likely. Chosen
# on the texts of tests/support/encoded_texts.py.
LEAST_PLAUSIBLE = 0.5
ABOUT_AS_LIKELY = 0.6


class NotText(ValueError):
    """The bytes are not text; the message says why, as a sentence."""


class Decoded(NamedTuple):
    """A file's text; ``note`` says what was guessed, where another guess is about as likely."""

    text: str
    note: str = ""


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of a file's bytes.

    Args:
        data: The whole file.
        encoding: Its encoding where that is known, by a name that Python knows.

    Raises:
        NotText: The bytes are binary, damaged, or in an encoding that cannot be determined.
    """
    if encoding is not None:
        return Decoded(_strictly(data, encoding, encoding).removeprefix("\ufeff"))
    for mark, marked in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Decoded(_strictly(data, marked, marked.upper().removesuffix("-SIG")))
    if any(escape in data for escape in JAPANESE_ESCAPES):
        return Decoded(_strictly(data, "iso2022_jp_ext", "ISO-2022-JP"))
    if b"\0" in data:
        return _guess(data, _wide(data))
    if len(data.translate(None, CONTROLS)) < (1 - MOST_CONTROLS) * len(data):
        raise NotText("This is a binary file, not text: it is full of control characters.")
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        _check_damage(data, error)
    return _guess(data, readings(_sample(data)))


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotText(f"The file is damaged: it is not valid in {name}. {SAVE_AS}") from error
    except LookupError as error:
        raise NotText(
            f"There is no encoding {name!r}. Name one such as cp1252 or koi8-r."
        ) from error


SAVE_AS = "Open it in an editor, check its characters, and save it as UTF-8."


def _check_damage(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuses what is UTF-8 except for a few bytes."""
    text = data.decode("utf-8", "replace")
    broken, beyond = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    if broken < FEW_BROKEN * beyond or (error.end == len(data) and beyond > 1):
        line = data.count(b"\n", 0, error.start) + 1
        raise NotText(f"The file is damaged: line {line} is not valid in UTF-8. {SAVE_AS}")


def _sample(data: bytes) -> bytes:
    """A part around the first characters beyond ASCII, which alone distinguish encodings."""
    first = next(position for position, byte in enumerate(data) if byte > 127)
    # From the beginning of a line: a character of several bytes must not be cut.
    start = data.rfind(b"\n", 0, first) + 1
    end = data.find(b"\n", start + SAMPLE)
    return data[start:end] if 0 <= end < start + 2 * SAMPLE else data[start:]


def _wide(data: bytes) -> list[Reading]:
    """The readings as UTF-16 without a mark."""
    found = readings(data[:SAMPLE], ("utf-16-le", "utf-16-be")) if len(data) % 2 == 0 else []
    if not found or found[0].plausibility < LEAST_PLAUSIBLE:
        raise NotText("This is a binary file, not text.")
    return found


def _guess(data: bytes, found: list[Reading]) -> Decoded:
    """The text by the best of some readings.

    Raises:
        NotText: None is plausible.
    """
    if not found or found[0].plausibility < LEAST_PLAUSIBLE:
        raise NotText(
            "The file is not in UTF-8, and its encoding cannot be determined. Name it with "
            f"--encoding, or: {SAVE_AS[:1].lower()}{SAVE_AS[1:]}"
        )
    best, *others = found
    text = _strictly(data, best.encoding, best.encoding)
    likely = [each.encoding for each in others if best.leads(each) < ABOUT_AS_LIKELY]
    if not likely:
        return Decoded(text)
    note = f"It was read as {best.encoding}; {' and '.join(likely[:2])} would be about as likely. "
    return Decoded(text, f"{note}Another encoding can be named with --encoding.")


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

"""Decodes bytes to text: by byte order mark, as UTF-8, or by the likeliest of many encodings."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from rag.ingestion.encodings import Reading, readings

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

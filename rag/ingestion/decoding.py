"""Decodes bytes to text, or says why they are none."""

from __future__ import annotations

import codecs

import charset_normalizer

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
# A text with every tenth character a control character is none.
MOST_CONTROLS = 0.1
# Enough to tell an encoding by; guessing takes time in proportion.
SAMPLE = 65_536
# Share of disorder that charset-normalizer sees in the text; it warns above 0.2 by default.
MOST_DISORDER = 0.1


class NotText(ValueError):
    """The bytes are not text; the message says why, as a sentence."""


def decode(data: bytes) -> str:
    """The text of a file's bytes: by byte order mark, as UTF-8, or by a confident guess.

    Raises:
        NotText: The bytes are binary, damaged, or in an encoding that cannot be determined.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding, encoding.upper().removesuffix("-SIG"))
    if b"\0" in data:
        raise NotText("This is a binary file, not text.")
    if len(data.translate(None, CONTROLS)) < (1 - MOST_CONTROLS) * len(data):
        raise NotText("This is a binary file, not text: it is full of control characters.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(data, _guess(data), "the encoding that it seems to have")


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise NotText(f"The file is damaged: it is not valid in {name}. {SAVE_AS}") from error


SAVE_AS = "Open it in an editor, check its characters, and save it as UTF-8."


def _guess(data: bytes) -> str:
    # Only text around characters beyond ASCII distinguishes encodings.
    first = next(position for position, byte in enumerate(data) if byte > 127)
    start = max(0, first - SAMPLE // 2)
    sample = data[start : start + SAMPLE]
    matches = charset_normalizer.from_bytes(sample)
    best = matches.best()
    if best is None or best.chaos > MOST_DISORDER:
        raise NotText(f"The file is not in UTF-8, and its encoding cannot be determined. {SAVE_AS}")
    if _is_western(sample) and any(
        match.encoding == "cp1252" or "cp1252" in match.could_be_from_charset for match in matches
    ):
        # Few letters with accents look alike in a dozen encodings; this one is the common one.
        return "cp1252"
    return best.encoding


def _is_western(sample: bytes) -> bool:
    """Whether all but a few bytes are ASCII, as in Western European writing."""
    return sum(byte > 127 for byte in sample) <= 0.08 * len(sample)

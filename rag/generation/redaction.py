"""API keys: finding them, and keeping them out of all that is shown, stored or logged."""

from __future__ import annotations

import base64
import importlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, quote_plus

from rag.generation.base import Retract

MASK = "***"
# Characters of a server's own words that a message quotes.
EXCERPT_LENGTH = 200
# What the keys of the known hosts look like, for servers that echo a key in another form.
KEY_LIKE = re.compile(r"\b(?:sk|xai|hf|gsk|pk|key)[-_][0-9A-Za-z_-]{12,}|Bearer\s+[^\s\"']{8,}")
# Redacting anything shorter would redact ordinary words.
MIN_KEY_LENGTH = 6
# Keys are stored in a keyring under this service, with the variable's name as the user.
KEYRING_SERVICE = "footnote"


def find_api_key(variable: str) -> str | None:
    """The key in an environment variable, or else in the keyring under the variable's name."""
    if found := os.environ.get(variable, "").strip():
        return found
    try:
        keyring = importlib.import_module("keyring")
        found = keyring.get_password(KEYRING_SERVICE, variable)
    # A keyring that is missing, locked or without a backend counts as an empty one.
    except Exception:
        return None
    return str(found).strip() if found else None


def encodings(key: str) -> tuple[str, ...]:
    """The key as it may appear: plain, escaped for URLs and JSON, in base64, in hex.

    The longest come first.
    """
    raw = key.encode()
    found = {key, quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1], raw.hex()}
    for shift in range(3):
        # Base64 of a longer text that contains the key: three alignments, without the characters
        # at the edges, which encode neighbouring text as well.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * shift + raw).decode().rstrip("=")
            found.add(text[(0, 2, 3)[shift] : len(text) - 1])
    return tuple(sorted((form for form in found if len(form) >= MIN_KEY_LENGTH), key=len)[::-1])


def redact(text: str, key: str | None) -> str:
    """The text without the key, and without what looks like one."""
    if key and len(key) >= MIN_KEY_LENGTH:
        for form in encodings(key):
            text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    return KEY_LIKE.sub(MASK, text)


def redact_stream(pieces: Iterable[str], key: str | None) -> Iterator[str]:
    """The pieces of a draft without the key, wherever the pieces are cut.

    Text that may be the beginning of the key is held back until the next piece.
    """
    if not key or len(key) < MIN_KEY_LENGTH:
        yield from pieces
        return
    forms = [form.lower() for form in encodings(key)]
    pattern = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE)
    held = ""
    try:
        for piece in pieces:
            if isinstance(piece, Retract):
                held = ""
                yield piece
                continue
            text = pattern.sub(MASK, held + piece)
            end = len(text) - _prefix_length(text.lower(), forms)
            held = text[end:]
            if end:
                yield text[:end]
    except Exception:
        # The draft stopped midway, so what was held back was not the key.
        if held:
            yield held
        raise
    if held:
        yield held


def _prefix_length(text: str, forms: Sequence[str]) -> int:
    """Length of the longest end of a text that one of the forms begins with."""
    for length in range(min(len(text), max(map(len, forms)) - 1), 0, -1):
        if any(form.startswith(text[-length:]) for form in forms):
            return length
    return 0


def excerpt(text: str, key: str | None) -> str:
    """A server's words on one line, at most 200 characters, without the key."""
    line = " ".join(redact(text, key).split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return line[:EXCERPT_LENGTH].rsplit(" ", 1)[0] + " …"

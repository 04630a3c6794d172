"""Keeping a key out of everything that is shown, written or logged, however it is encoded."""

from __future__ import annotations

import base64
import importlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, quote_plus

from rag.generation.base import Discard

MASK = "***"
# Characters of a server's own words that a message quotes.
QUOTED = 200
# What the keys of the known hosts look like, for servers that repeat a key in another form.
KEY_LIKE = re.compile(r"\b(?:sk|xai|hf|gsk|pk|key)[-_][0-9A-Za-z_-]{12,}|Bearer\s+[^\s\"']{8,}")
# A shorter one would mask ordinary words.
SHORTEST_KEY = 6
# Under this name keys lie in a keyring, each with its variable's name as the user.
KEYRING_SERVICE = "footnote"


def key_of(variable: str) -> str | None:
    """The key in an environment variable, or in the keyring under the variable's name."""
    if found := os.environ.get(variable, "").strip():
        return found
    try:
        keyring = importlib.import_module("keyring")
        found = keyring.get_password(KEYRING_SERVICE, variable)
    # A keyring that is missing, locked or without a backend is the same as an empty one.
    except Exception:
        return None
    return str(found).strip() if found else None


def forms(key: str) -> tuple[str, ...]:
    """The key as it may turn up: plain, escaped for addresses and JSON, in base64, in hex."""
    raw = key.encode()
    found = {key, quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1], raw.hex()}
    for shift in range(3):
        # Base64 of a longer text that holds the key: three alignments, without the mixed edges.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * shift + raw).decode().rstrip("=")
            inner = text[(0, 2, 3)[shift] : len(text) - 1]
            found.add(inner)
    return tuple(sorted((form for form in found if len(form) >= SHORTEST_KEY), key=len)[::-1])


def masked(text: str, key: str | None) -> str:
    """The text without the key, and without what looks like one."""
    if key and len(key) >= SHORTEST_KEY:
        for form in forms(key):
            text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    return KEY_LIKE.sub(MASK, text)


def veiled(pieces: Iterable[str], key: str | None) -> Iterator[str]:
    """A draft in pieces without the key, should a server say it, however it is cut."""
    if not key or len(key) < SHORTEST_KEY:
        yield from pieces
        return
    known = [form.lower() for form in forms(key)]
    pattern = re.compile("|".join(map(re.escape, known)), re.IGNORECASE)
    held = ""
    try:
        for piece in pieces:
            if isinstance(piece, Discard):
                held = ""
                yield piece
                continue
            text = pattern.sub(MASK, held + piece)
            end = len(text) - _begun(text.lower(), known)
            held = text[end:]
            if end:
                yield text[:end]
    except Exception:
        # The draft broke off; what was held back was no key.
        if held:
            yield held
        raise
    if held:
        yield held


def _begun(text: str, known: Sequence[str]) -> int:
    """Characters at the end of a text with which one of these begins."""
    for length in range(min(len(text), max(map(len, known)) - 1), 0, -1):
        if any(form.startswith(text[-length:]) for form in known):
            return length
    return 0


def quoted(text: str, key: str | None) -> str:
    """A server's words on one line, short, and without the key."""
    line = " ".join(masked(text, key).split())
    return line if len(line) <= QUOTED else line[:QUOTED].rsplit(" ", 1)[0] + " …"

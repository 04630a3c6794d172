"""The normal form of a text, in which spelling of marks and spaces does not matter."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rag.types import Span


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

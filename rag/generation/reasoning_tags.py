"""Parting what a model thinks aloud from what it answers, however the pieces are cut. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.generation.base import Discard

OPENING = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
CLOSING = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
LONGEST_TAG = len("</reasoning>")
# What stands at the end of a piece and may be the beginning of a tag.
UNFINISHED = re.compile(
    r"</?(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?"
    r"|r(?:e(?:a(?:s(?:o(?:n(?:i(?:n(?:g)?)?)?)?)?)?)?)?)?\Z",
    re.IGNORECASE,
)


class Thinking:
    """Lets an answer through and keeps the thinking.

    Args:
        expected: The model is known to think first, maybe without an opening tag: nothing is let
            through until it has closed, or ended without a tag at all.
    """

    def __init__(self, *, expected: bool = False) -> None:
        self._buffer = ""
        self._inside = False
        self._holding = expected
        self._passed = ""
        self.thoughts: list[str] = []

    @property
    def unclosed(self) -> bool:
        return self._inside

    def feed(self, piece: str) -> Iterator[str]:
        """What of the answer is certain with this piece; a `Discard` takes back all before it."""
        # Only a tag that ends in this piece can be new: thinking aloud may fill a book.
        start = max(0, len(self._buffer) - LONGEST_TAG)
        self._buffer += piece
        while True:
            tag = (CLOSING if self._inside else OPENING).search(self._buffer, start)
            stray = None if self._inside else CLOSING.search(self._buffer, start)
            start = 0
            if stray and (tag is None or stray.start() < tag.start()):
                yield from self._take_back(stray)
            elif tag:
                before, self._buffer = self._buffer[: tag.start()], self._buffer[tag.end() :]
                yield from self._settle(before)
                self._inside = not self._inside
                self._holding = False
            else:
                break
        cut = UNFINISHED.search(self._buffer, max(0, len(self._buffer) - LONGEST_TAG))
        end = cut.start() if cut else len(self._buffer)
        if not self._holding:
            ready, self._buffer = self._buffer[:end], self._buffer[end:]
            yield from self._settle(ready)

    def finish(self) -> Iterator[str]:
        """What was held back, once no more comes."""
        rest, self._buffer, self._holding = self._buffer, "", False
        yield from self._settle(rest)

    def _settle(self, text: str) -> Iterator[str]:
        if self._inside:
            self.thoughts.append(text)
        elif text:
            self._passed += text
            yield text

    def _take_back(self, stray: re.Match[str]) -> Iterator[str]:
        """A closing tag without an opening one: all before it was thinking."""
        before, self._buffer = self._buffer[: stray.start()], self._buffer[stray.end() :]
        self.thoughts.append(self._passed + before)
        if self._passed.strip():
            yield Discard()
        self._passed, self._holding = "", False

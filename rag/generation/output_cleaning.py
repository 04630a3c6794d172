"""Cleans what a model writes: separates reasoning in tags, and unwraps JSON and code fences.

Everything here takes and gives pieces of text, and the result does not depend on where they are
cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rag.generation.base import Retract

# Finish reasons that mean that the model was done, in lower case; each server has its own word.
COMPLETE_REASONS = frozenset(
    ("stop", "eos", "eos_token", "stop_sequence", "end", "end_turn", "end_of_turn", "completed")
)

# Reasoning comes in tags, or in a separate channel before the one with the answer.
OPENING_TAG = re.compile(
    r"<(?:think|thinking|reasoning|thought|seed:think)>"
    r"|<\|channel\|>(?:analysis|commentary)[^<]{0,80}<\|message\|>",
    re.IGNORECASE,
)
CLOSING_TAG = re.compile(
    r"</(?:think|thinking|reasoning|thought|seed:think)>|<\|channel\|>final[^<]{0,80}<\|message\|>",
    re.IGNORECASE,
)
# Signs between the turns of a chat, which a server should not pass on.
SPECIAL_TOKEN = re.compile(
    r"<\|[a-z_0-9]{1,30}\|>(?:assistant(?=<\|))?|</?s>|<(?:start|end)_of_turn>|\[/?INST\]",
    re.IGNORECASE,
)
LONGEST_TAG = 130
# The end of a piece that may be the beginning of a tag or of such a sign.
PARTIAL_TAG = re.compile(
    r"(?:<\|channel\|>[^<]{0,90})?(?:<[/|]?[\w:|]{0,32})?\Z|\[/?I?N?S?T?\Z|<\|\w+\|>assistant\Z"
)

# At the start of a line: a code fence, an object, or a list of objects or strings.
WRAPPER_START = re.compile(r"\n[ \t]*(?:\{|```|\[\s*[{\"])")
# The end of a piece that may become one of these.
PARTIAL_WRAPPER = re.compile(r"\n[ \t]*(?:\[\s*|`{1,2})?\Z")
CODE_FENCE = re.compile(r"\A\s*```\w*[ \t]*\n?(.*?)\n?[ \t]*```[ \t]*\n?", re.DOTALL)
# Fields that hold the answer, the most likely first; others are ignored.
ANSWER_FIELDS = ("answer", "response", "text", "content", "output", "result", "sentence", "claim")
LIST_FIELDS = ("sentences", "answers", "claims", "points", "statements")
CITATION_FIELDS = ("citations", "citation", "sources", "source", "article", "articles")


class ReasoningFilter:
    """Passes the answer on and keeps the reasoning that is in tags.

    Args:
        expected: The model is known to reason first, perhaps without an opening tag: nothing is
            passed on until a tag has closed, or the text has ended without one.

    Attributes:
        reasoning: The text in tags, in pieces.
    """

    def __init__(self, *, expected: bool = False) -> None:
        self._buffer = ""
        self._inside = False
        self._holding = expected
        self._passed = ""
        self.reasoning: list[str] = []

    @property
    def unclosed(self) -> bool:
        """Whether a tag is open."""
        return self._inside

    @property
    def is_blank(self) -> bool:
        """Whether nothing of an answer was passed on and not withdrawn."""
        return not self._passed.strip()

    def feed(self, piece: str) -> Iterator[str]:
        """What this piece settles of the answer; a `Retract` withdraws everything before it."""
        # Only a tag that ends in this piece can be new: reasoning may be as long as a book.
        start = max(0, len(self._buffer) - LONGEST_TAG)
        self._buffer += piece
        while True:
            tag = (CLOSING_TAG if self._inside else OPENING_TAG).search(self._buffer, start)
            stray = None if self._inside else CLOSING_TAG.search(self._buffer, start)
            start = 0
            if stray and (tag is None or stray.start() < tag.start()):
                yield from self._retract(stray)
            elif tag:
                before, self._buffer = self._buffer[: tag.start()], self._buffer[tag.end() :]
                yield from self._settle(before)
                self._inside = not self._inside
                self._holding = False
            else:
                break
        partial = PARTIAL_TAG.search(self._buffer, max(0, len(self._buffer) - LONGEST_TAG))
        end = partial.start() if partial else len(self._buffer)
        if not self._holding:
            ready, self._buffer = self._buffer[:end], self._buffer[end:]
            yield from self._settle(ready)

    def finish(self) -> Iterator[str]:
        """What was held back, once no more comes."""
        rest, self._buffer, self._holding = self._buffer, "", False
        yield from self._settle(rest)

    def _settle(self, text: str) -> Iterator[str]:
        text = SPECIAL_TOKEN.sub("", text)
        if self._inside:
            self.reasoning.append(text)
        elif text:
            self._passed += text
            yield text

    def _retract(self, stray: re.Match[str]) -> Iterator[str]:
        """A closing tag without an opening one: everything before it was reasoning."""
        before, self._buffer = self._buffer[: stray.start()], self._buffer[stray.end() :]
        self.reasoning.append(SPECIAL_TOKEN.sub("", self._passed + before))
        if self._passed.strip():
            yield Retract()
        self._passed, self._holding = "", False


def unwrap_stream(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces as they come, but what begins as a wrapper is held until the end and unwrapped."""
    # The beginning of a line that may open a wrapper; once it has, all that follows.
    held, opened = "", False
    at_line_start = True
    for piece in pieces:
        if isinstance(piece, Retract):
            held, opened, at_line_start = "", False, True
            yield piece
            continue
        held += piece
        if opened or not piece:
            continue
        # The line break before it, by which the start of a line is found, was passed on earlier.
        text = ("\n" if at_line_start else " ") + held
        found = WRAPPER_START.search(text) or PARTIAL_WRAPPER.search(text)
        opened = bool(found and WRAPPER_START.match(text, found.start()))
        end = found.start() if found else len(held)
        ready, held = held[:end], held[end:]
        if ready:
            at_line_start = ready.endswith("\n")
            yield ready
    if held:
        yield unwrap(held) if opened else held


def unwrap(text: str) -> str:
    """The sentences in JSON or in a code fence; the text itself if it holds neither."""
    fenced = CODE_FENCE.match(text)
    inner, rest = (fenced[1], text[fenced.end() :]) if fenced else (text, "")
    start = inner.lstrip()
    try:
        values, end = json.JSONDecoder().raw_decode(start) if start[:1] in "{[" else (None, 0)
    except ValueError:
        values, end = None, 0
    found = "\n".join(_sentences(values))
    if not found:
        return inner + rest
    return "\n".join(part for part in (found, start[end:].strip(), rest.strip()) if part)


def _sentences(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, list):
        for value in values:
            yield from _sentences(value)
    elif isinstance(values, dict):
        fields = {str(key).lower(): value for key, value in values.items()}
        for field in (*LIST_FIELDS, *ANSWER_FIELDS):
            if found := fields.get(field):
                marks = "".join(_marks(fields)) if isinstance(found, str) else ""
                yield from (f"{line} {marks}".rstrip() for line in _sentences(found))
                return


def _marks(fields: dict[str, Any]) -> Iterator[str]:
    for field in CITATION_FIELDS:
        value = fields.get(field)
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int) and not isinstance(number, bool):
                yield f"[{number}]"


def field_of(value: Any, name: str) -> Any:
    """A field of a JSON object or of one of a client's objects; None if it is missing."""
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)

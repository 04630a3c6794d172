"""Answers that come as JSON or in a code fence, as small models like to give them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rag.generation.base import Discard

# At the start of a line: a code fence, an object, a list of either or of strings.
OPENS = re.compile(r"\n[ \t]*(?:\{|```|\[\s*[{\"])")
# What may become that with the next piece.
MAY_OPEN = re.compile(r"\n[ \t]*(?:\[\s*|`{1,2})?\Z")
FENCE = re.compile(r"\A\s*```\w*[ \t]*\n?(.*?)\n?[ \t]*```[ \t]*\n?", re.DOTALL)
# Fields that hold the answer, the likeliest first; others are the model's bookkeeping.
ANSWER_FIELDS = ("answer", "response", "text", "content", "output", "result", "sentence", "claim")
LIST_FIELDS = ("sentences", "answers", "claims", "points", "statements")
MARK_FIELDS = ("citations", "citation", "sources", "source", "article", "articles")


def unwrapped(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces as they come; from a line on that opens a wrapping, what is in it, at the end."""
    # A line's beginning that may open one; then all that is wrapped.
    held, opened = "", False
    at_line = True
    for piece in pieces:
        if isinstance(piece, Discard):
            held, opened, at_line = "", False, True
            yield piece
            continue
        held += piece
        if opened or not piece:
            continue
        # The line end in front, which is needed to tell a line's start, was given before.
        text = ("\n" if at_line else " ") + held
        found = OPENS.search(text) or MAY_OPEN.search(text)
        opened = bool(found and OPENS.match(text, found.start()))
        end = found.start() if found else len(held)
        ready, held = held[:end], held[end:]
        if ready:
            at_line = ready.endswith("\n")
            yield ready
    if held:
        yield unwrap(held) if opened else held


def unwrap(text: str) -> str:
    """The sentences in a wrapped answer; the text itself if it is not what it looked like."""
    fenced = FENCE.match(text)
    inner, rest = (fenced[1], text[fenced.end() :]) if fenced else (text, "")
    start = inner.lstrip()
    try:
        values, end = json.JSONDecoder().raw_decode(start) if start[:1] in "{[" else (None, 0)
    except ValueError:
        values, end = None, 0
    told = "\n".join(_sentences(values))
    if not told:
        return inner + rest
    return "\n".join(part for part in (told, start[end:].strip(), rest.strip()) if part)


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
    for field in MARK_FIELDS:
        value = fields.get(field)
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int) and not isinstance(number, bool):
                yield f"[{number}]"

"""Answers that come as JSON or in a code fence, as small models like to give them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rag.backends.base import Discard

WRAPPED = re.compile(r"\s*(?:\{|```|\[\s*[{\"])")
UNDECIDED = re.compile(r"\s*(?:\[\s*|`{1,2})?\Z")
FENCE = re.compile(r"\A\s*```\w*\s*\n?(.*?)\n?\s*```\s*\Z", re.DOTALL)
# Fields that hold the answer, the likeliest first; others are the model's bookkeeping.
ANSWER_FIELDS = ("answer", "response", "text", "content", "output", "result", "sentence", "claim")
LIST_FIELDS = ("sentences", "answers", "claims", "points", "statements")
MARK_FIELDS = ("citations", "citation", "sources", "source", "article", "articles")


def unwrapped(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces as they come; all at once, out of its wrapping, if the answer is wrapped."""
    waiting = iter(pieces)
    start = ""
    for piece in waiting:
        start = "" if isinstance(piece, Discard) else start + piece
        if not UNDECIDED.match(start):
            break
    if WRAPPED.match(start):
        for piece in waiting:
            start = "" if isinstance(piece, Discard) else start + piece
        yield unwrap(start)
        return
    yield start
    yield from waiting


def unwrap(text: str) -> str:
    """The sentences in a wrapped answer; the text itself if it is not what it looked like."""
    fenced = FENCE.match(text)
    inner = fenced[1] if fenced else text
    try:
        values = json.loads(inner)
    except ValueError:
        return inner
    return "\n".join(_sentences(values)) or inner


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

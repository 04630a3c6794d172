"""The YAML block that may open a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import yaml

KEYS = ("title", "publisher", "author", "published", "url", "origin", "category", "keep_local")
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "none", "null", "")
FENCE = re.compile(r"---[ \t]*(?:\r?\n|\Z)")
CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
# A person writes a dozen lines; the parser takes time with much more.
MOST_FRONT_MATTER = 20_000


class FrontMatterError(ValueError):
    """The block cannot be read. ``line`` counts from 1 in the file."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(f"Line {line}: {reason}")


class Page(NamedTuple):
    """The known fields of the front matter, and the text below it."""

    fields: Mapping[str, str]
    body: str


def split_front_matter(text: str) -> Page:
    """Splits a file into its front matter, if there is any, and its body.

    Raises:
        FrontMatterError: There is a block, and it is broken.
    """
    opening = FENCE.match(text)
    if not opening:
        return Page({}, text)
    closing = CLOSING.search(text, opening.end(), opening.end() + MOST_FRONT_MATTER)
    if not closing:
        raise FrontMatterError(
            1, "The front matter opens with --- and is not closed by another --- below it."
        )
    values = _parse(text[opening.end() : closing.start()])
    fields = {key: value for key in KEYS if (value := _value(key, values.get(key), text))}
    return Page(fields, text[closing.end() :])


def _parse(block: str) -> Mapping[object, object]:
    try:
        # The base loader makes strings only: "published: 2025-13-40" or "title: 1984" stay words.
        values = yaml.load(block, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        # What is opened and not closed is noticed at the end only; it is wrong where it opens.
        at_end = "end" in (error.problem or "")
        mark = (error.context_mark if at_end else error.problem_mark) or error.problem_mark
        line = (mark.line if mark else 0) + 2
        raise FrontMatterError(
            line,
            f"The front matter cannot be read ({error.problem or error.context}). "
            "A value with a colon or a quotation mark in it needs quotes around.",
        ) from error
    except yaml.reader.ReaderError as error:
        line = block.count("\n", 0, int(error.position)) + 2
        raise FrontMatterError(line, "The front matter holds an unusable character.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FrontMatterError(2, "The front matter cannot be read.") from error
    if values is None or values == "":
        return {}
    if not isinstance(values, dict):
        raise FrontMatterError(2, "The front matter must have lines such as 'title: Some words'.")
    return values


def _value(key: str, value: object, text: str) -> str:
    if value is None:
        return ""
    if key == "author" and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return ", ".join(value)
    if key == "keep_local" and (not isinstance(value, str) or yes_or_no(value) is None):
        # A slip of the pen must not let the text go.
        raise FrontMatterError(2, "The value of 'keep_local' must be true or false.")
    if not isinstance(value, str):
        line = next(
            (n for n, row in enumerate(text.splitlines(), 1) if row.startswith(f"{key}:")), 2
        )
        raise FrontMatterError(line, f"The value of {key!r} must be one line of text.")
    return " ".join(value.split())


def yes_or_no(value: object) -> bool | None:
    """What a value such as ``yes``, ``true`` or ``0`` means; None if it means neither."""
    word = str(value).strip().casefold()
    return True if word in YES else False if word in NO else None

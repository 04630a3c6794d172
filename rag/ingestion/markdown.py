"""Converts Markdown to paragraphs of plain text, and reads the front matter above it.

Front matter is a block of YAML, TOML or JSON.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.ingestion.formats.html_hidden import OpenElements, remove_hidden
from rag.ingestion.formats.html_tree import NoElements, blocks, parse, write_tables
from rag.ingestion.formats.tables import BARRED, row_lines, write_barred_tables
from rag.ingestion.note_marks import read_note_marks

# Of these a list or a table makes no sense.
ONE_LINE = ("title", "published", "date", "url", "keep_local")
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "none", "null", "")
FENCE = re.compile(r"(?P<fence>---|\+\+\+)[ \t]*(?:\r?\n|\Z)")
CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*\r?$", re.MULTILINE),
}
# Three hyphens with a blank line below them may be a horizontal rule.
BLANK = re.compile(r"[ \t]*\r?\n")
# The line of a fault in a message of the TOML parser.
TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
# A person writes a dozen lines; the parser takes time with much more.
MOST_FRONT_MATTER = 20_000


class FrontMatterError(ValueError):
    """The block cannot be read. ``line`` counts from 1 in the file."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(f"Line {line}: {reason}")


class Page(NamedTuple):
    """The values of the front matter, and the text below it."""

    values: Mapping[str, object]
    body: str


def split_front_matter(text: str) -> Page:
    """Splits a file into its front matter, if there is any, and its body.

    Raises:
        FrontMatterError: There is a block, and it is broken.
    """
    if text.startswith("{"):
        return _split_json(text)
    opening = FENCE.match(text)
    if not opening:
        return Page({}, text)
    fence = opening["fence"]
    closing = CLOSING[fence].search(text, opening.end(), opening.end() + MOST_FRONT_MATTER)
    is_rule = BLANK.match(text, opening.end()) is not None
    if not closing:
        if is_rule:
            return Page({}, text)
        raise FrontMatterError(
            1, f"The front matter opens with {fence} and is not closed by another {fence} below it."
        )
    block = text[opening.end() : closing.start()]
    values = _parse(block) if fence == "---" else _parse_toml(block)
    if values is None:
        if is_rule:
            return Page({}, text)
        raise FrontMatterError(2, "The front matter must have lines such as 'title: Some words'.")
    _check(values, text)
    return Page({str(key): value for key, value in values.items()}, text[closing.end() :])


def _split_json(text: str) -> Page:
    """An object at the very beginning, with text below; anything else is text."""
    try:
        values, end = json.JSONDecoder().raw_decode(text[:MOST_FRONT_MATTER])
    except (ValueError, RecursionError):
        return Page({}, text)
    if not isinstance(values, dict) or not text[end:].strip():
        return Page({}, text)
    _check(values, text)
    return Page(values, text[end:])


def _check(values: Mapping[object, object], text: str) -> None:
    """Refuses values that make no sense under their names."""
    for key in ONE_LINE:
        value = values.get(key)
        if key == "keep_local" and key in values and yes_or_no(value) is None:
            # A slip of the pen must not let the text go.
            raise FrontMatterError(2, "The value of 'keep_local' must be true or false.")
        if isinstance(value, (list, dict)):
            rows = enumerate(text.splitlines(), 1)
            line = next((n for n, row in rows if row.lstrip(' "').startswith(key)), 2)
            raise FrontMatterError(line, f"The value of {key!r} must be one line of text.")


def _parse_toml(block: str) -> Mapping[object, object]:
    try:
        return {str(key): value for key, value in tomllib.loads(block).items()}
    except (ValueError, RecursionError) as error:
        found = TOML_LINE.search(str(error))
        line = int(found[1]) if found and found[1] else block.count("\n")
        problem = TOML_LINE.sub("", str(error)).strip()
        raise FrontMatterError(
            line + 1, f"The front matter cannot be read as TOML ({problem})."
        ) from error


def _parse(block: str) -> Mapping[object, object] | None:
    """The fields of a block in YAML; None if it is something else."""
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
            "A value with a colon or a quotation mark in it needs quotes around it.",
        ) from error
    except yaml.reader.ReaderError as error:
        line = block.count("\n", 0, int(error.position)) + 2
        raise FrontMatterError(line, "The front matter holds an unusable character.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FrontMatterError(2, "The front matter cannot be read.") from error
    if values is None or values == "":
        return {}
    if _is_larger(values, MOST_FRONT_MATTER):
        raise FrontMatterError(
            2, f"With its aliases written out, it has over {MOST_FRONT_MATTER:,} characters."
        )
    return values if isinstance(values, dict) else None


def _is_larger(value: object, most: int) -> bool:
    """Whether a value has more characters and parts; an alias counts as what it stands for."""
    size, waiting = 0, [value]
    while waiting and size <= most:
        part = waiting.pop()
        assert isinstance(part, (str, list, dict))  # the base loader makes nothing else
        size += len(part)
        if not isinstance(part, str):
            waiting += part.values() if isinstance(part, dict) else part
    return size > most


def yes_or_no(value: object) -> bool | None:
    """What a value such as ``yes``, ``true`` or ``0`` means; None if it means neither."""
    word = str(value).strip().casefold()
    return True if word in YES else False if word in NO else None


# No text nests quotations and lists deeper than this; markdown-it drops what does.
DEEPEST = 60
# The library's search for the end of a link takes the square of the brackets in a paragraph.
MOST_BRACKETS = 2_000
BLANK_LINE = re.compile(r"\n[ \t\r]*\n")


class PlainText(NamedTuple):
    """``title`` is the text of the first heading of the first level, if there is one."""

    title: str | None
    paragraphs: tuple[str, ...]


def plain_text(markdown: str) -> PlainText:
    """Headings, list items and table rows become paragraphs; all markup is removed.

    Images, comments and the addresses of links are dropped, the words of links are kept.

    Raises:
        RecursionError: The nesting is deeper than Python can follow.
        Unreadable: Elements of HTML in it are nested too deep, or too large.
    """
    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])
    read_note_marks(parser)
    if any(block.count("[") > MOST_BRACKETS for block in BLANK_LINE.split(markdown)):
        parser.disable(["link", "image"])
    tokens = parser.parse(markdown)
    title = None
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            title = " ".join(_inline_text(inline.children or ()).split()) or None
            break
    texts = (" ".join(text.split()) for text in _blocks(tokens))
    return PlainText(title, tuple(text for text in texts if text))


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    number = ""
    rows: list[list[str]] = []
    in_table = False
    around = OpenElements()
    for token in tokens:
        hidden = around.hides
        if token.type == "html_block":
            around.follow(token.content)
        if hidden:
            continue
        if token.type == "list_item_open":
            number = f"{token.info}{token.markup} " if token.info else ""
        elif token.type == "table_open":
            rows, in_table = [], True
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield from row_lines(rows, has_header=True)
            in_table = False
        elif token.type == "inline":
            text = _inline_text(token.children or ())
            if in_table:
                rows[-1].append(text.strip())
            elif sum(1 for line in text.split("\n") if BARRED.fullmatch(line)) > 1:
                # A table without the rule below its header, which Markdown does not know.
                yield from write_barred_tables(number + text).split("\n")
            else:
                yield number + text if text.strip() else ""
            number = ""
        elif token.type in ("fence", "code_block"):
            yield token.content
        elif token.type == "html_block":
            yield from html_lines(token.content)


def _inline_text(children: Sequence[Token]) -> str:
    pieces = []
    around = OpenElements()
    for child in children:
        if child.type == "html_inline":
            around.follow(child.content)
        if around.hides:
            continue
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            pieces.append(" ")
    return "".join(pieces)


def html_lines(markup: str) -> list[str]:
    """The visible text of a piece of HTML, a line for each block; table rows with their header.

    Raises:
        Unreadable: Its elements are nested too deep, or too large.
    """
    try:
        tree = parse(markup.encode("utf-8", "replace"), charset="utf-8")
    except NoElements:
        return []
    remove_hidden(tree, fragment=True)
    write_tables(tree)
    return [block.text for block in blocks(tree)]

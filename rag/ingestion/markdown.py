"""Converts Markdown to paragraphs of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.ingestion.formats.html_blocks import blocks, write_tables
from rag.ingestion.formats.html_hidden import OpenElements, remove_hidden
from rag.ingestion.formats.html_tree import parse
from rag.ingestion.limits import Unreadable
from rag.ingestion.note_marks import read_note_marks
from rag.ingestion.tables import row_lines

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
        elif child.type in ("softbreak", "hardbreak") or (
            child.type == "html_inline" and child.content.lower().startswith("<br")
        ):
            pieces.append(" ")
    return "".join(pieces)


def html_lines(markup: str) -> list[str]:
    """The visible text of a piece of HTML, a line for each block; table rows with their header."""
    try:
        tree = parse(markup.encode("utf-8", "replace"), charset="utf-8")
    except Unreadable:
        return []
    remove_hidden(tree, fragment=True)
    write_tables(tree)
    return [block.text for block in blocks(tree)]

"""Converts Markdown to paragraphs of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

# No text nests quotations and lists deeper than this; markdown-it drops what does.
DEEPEST = 60
# The library's search for the end of a link takes the square of the brackets in a paragraph.
MOST_BRACKETS = 2_000
BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
UNSHOWN = frozenset(("script", "style", "template", "head", "noscript"))
BLOCKS = frozenset(
    "p div br li ul ol h1 h2 h3 h4 h5 h6 table tr section article blockquote pre hr dd dt".split()
)


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
    row: list[str] | None = None
    for token in tokens:
        if token.type == "list_item_open":
            number = f"{token.info}{token.markup} " if token.info else ""
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield "; ".join(cell for cell in row or () if cell)
            row = None
        elif token.type == "inline":
            text = _inline_text(token.children or ())
            if row is None:
                yield number + text if text.strip() else ""
            else:
                row.append(text.strip())
            number = ""
        elif token.type in ("fence", "code_block"):
            yield token.content
        elif token.type == "html_block":
            yield from html_lines(token.content)


def _inline_text(children: Sequence[Token]) -> str:
    pieces = []
    for child in children:
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or (
            child.type == "html_inline" and child.content.lower().startswith("<br")
        ):
            pieces.append(" ")
    return "".join(pieces)


def html_lines(markup: str) -> list[str]:
    """The visible text of a piece of HTML, a line for each block."""
    reader = _VisibleText()
    reader.feed(markup)
    reader.close()
    return "".join(reader.pieces).split("\n")


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSHOWN:
            self.hidden += 1
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSHOWN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            # Line ends inside a block are white space there.
            self.pieces.append(" ".join(data.split("\n")))

"""Marks of notes that CommonMark does not know: footnotes, and what Obsidian adds.

Their words become plain text; comments, embedded files and the marks themselves are dropped.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

# "[[Vesla|the Vesla]]" shows "the Vesla"; "![[map.png]]" shows a file. In "A[[1]]" it is an index.
WIKI_LINK = re.compile(r"(!?)\[\[#?([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
FOOTNOTE = re.compile(r"\[\^([^\[\]\s]{1,100})\]")
DEFINITION = re.compile(rf"{FOOTNOTE.pattern}:[ \t]*")
# Comments; in "5%%" the signs belong to the number.
COMMENT = re.compile(r"%%.*?%%", re.DOTALL)
HIGHLIGHT = re.compile(r"==(?=[^\s=])[^=\n]*(?<=[^\s=])==(?!=)")
# The name of a block, at its end: "^37066d".
BLOCK_NAME = re.compile(r"\^(?=[\d-]*[a-zA-Z])[a-zA-Z\d-]+\s*$")
# "[!note]", "[!tip]-": what kind of remark a quotation is; a title may follow.
CALLOUT = re.compile(r"\[![\w-]+\][+-]?[ \t]*")
# What is noted of a document: its footnotes, and the ends up to which no comment ends.
FOOTNOTES, UNENDED = "footnotes", "unended"


def read_note_marks(parser: MarkdownIt) -> MarkdownIt:
    """The parser, which now reads the marks of notes."""
    both: RuleOptionsType = {"alt": ["paragraph", "blockquote"]}
    parser.block.ruler.before("reference", "footnote_definition", _definition, both)
    parser.block.ruler.before("reference", "callout", _callout)
    parser.block.ruler.before("table", "comment_block", _comment_block, both)
    for name, rule in (
        ("wiki_link", _wiki_link),
        ("footnote", _footnote),
        ("comment", _comment),
        ("highlight", _highlight),
        ("block_name", _block_name),
    ):
        parser.inline.ruler.before("link", name, rule)
    return parser


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Takes the mark off a footnote, which is then read like any other block."""
    match = DEFINITION.match(_line(state, start))
    if match is None or silent:
        return match is not None
    state.env.setdefault(FOOTNOTES, set()).add(match[1])
    state.bMarks[start] += state.tShift[start] + match.end()
    state.tShift[start] = 0
    return False


def _callout(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Makes the title of a callout a block of its own."""
    line = _line(state, start)
    match = CALLOUT.match(line)
    if match is None or silent or state.parentType != "blockquote":
        return False
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.children = line[match.end() :], []
    state.push("paragraph_close", "p", -1)
    state.line = start + 1
    return True


def _comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Drops the lines of a comment that ends on a later one."""
    opening = _line(state, start).rstrip()
    unended = state.env.setdefault(UNENDED, set())
    if not opening.startswith("%%") or COMMENT.match(opening) or end in unended:
        return False
    for number in range(start + 1, end):
        if _line(state, number).rstrip().endswith("%%"):
            if not silent:
                state.line = number + 1
            return True
    unended.add(end)
    return False


def _skip(state: StateInline, match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    state.pos = match.end()
    return True


def _follows_word(state: StateInline) -> bool:
    before = state.src[state.pos - 1 : state.pos]
    return before.isalnum() or before in ("_", "]", ")", "%")


def _wiki_link(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "[!" or _follows_word(state):
        return False
    match = WIKI_LINK.match(state.src, state.pos)
    if match and not match[1] and not silent:
        state.push("text", "", 0).content = (match[3] or match[2]).strip()
    return _skip(state, match)


def _footnote(state: StateInline, silent: bool) -> bool:
    match = FOOTNOTE.match(state.src, state.pos)
    known = match is not None and match[1] in state.env.get(FOOTNOTES, ())
    return known and _skip(state, match)


def _comment(state: StateInline, silent: bool) -> bool:
    return not _follows_word(state) and _skip(state, COMMENT.match(state.src, state.pos))


def _highlight(state: StateInline, silent: bool) -> bool:
    match = HIGHLIGHT.match(state.src, state.pos)
    if match is None or _follows_word(state) or match.end() > state.posMax:
        return False
    if not silent:
        last = state.posMax
        state.pos, state.posMax = match.start() + 2, match.end() - 2
        state.md.inline.tokenize(state)
        state.posMax = last
    return _skip(state, match)


def _block_name(state: StateInline, silent: bool) -> bool:
    spaced = state.src[state.pos - 1 : state.pos].isspace()
    return spaced and _skip(state, BLOCK_NAME.match(state.src, state.pos))

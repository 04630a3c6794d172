"""Takes out of a message what it repeats of the one that it answers, in any language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from lxml.html import HtmlElement

from rag.ingestion.formats.html_tree import blocks
from rag.ingestion.normalization import tidy
from rag.types import Removal

RULE = "quoted message"
# "On 3 June 2024 at 14:22, Petra <petra@gull.example> wrote:", whatever the words.
INTRODUCES = re.compile(r"(?=.*(?:@|\d[:.h]\d\d|\b(?:19|20)\d\d\b)).{5,300}[:：]")
MOST_LINES = 3
# How far above a quotation it may begin, blank lines included.
MOST_ABOVE = 12
# "From: Ada", "Sent: 4:10 PM", "Subject: Pier": the header of a message, above the message itself.
FIELD = re.compile(r"[*_]*[^\W\d_][\w -]{0,20}[*_]*\s?[:：][*_]*\s+\S")
TIME = re.compile(r"\d[:.h]\d\d")
LEAST_FIELDS, MOST_FIELDS = 3, 8
RULED = re.compile(r"[\s_-]*(?:-{3,}|_{5,}).*")
PREFIXES = re.compile(r"(?:\s*[^\W\d_]{1,5}(?:\[\d+\])?\s*[:：])+\s*")
FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|vb|vs|i)\s*[:：]", re.IGNORECASE)
# Stands for a quotation of a page while its surroundings are looked at.
MARK = "\ue000{}\ue001"


def unflowed(text: str, *, drop_space: bool) -> str:
    """The text of a body in the format *flowed* (RFC 3676): broken lines are whole.

    Args:
        text: The body.
        drop_space: Whether the space that marks a broken line is no part of the text.
    """
    lines: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        line = line.rstrip("\r")
        depth = len(line) - len(line.lstrip(">"))
        bare = line[depth:].removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if flows and drop_space else bare
        if depth == open_depth and bare != "-- ":
            lines[-1].append(piece)
        else:
            lines.append([">" * depth, piece])
        open_depth = depth if flows else -1
    return "\n".join(map("".join, lines))


def without_quotes(lines: Sequence[str], *, subject: str) -> tuple[list[str], list[Removal]]:
    """The lines of a message without those of the one that it answers.

    Args:
        lines: Those of a plain message; or the paragraphs of one in HTML.
        subject: Tells a message that is passed on, whose text stays.
    """
    kept: list[str] = []
    removed: list[Removal] = []
    saying = 0
    for number, line in enumerate(lines):
        if line.startswith(">"):
            taken = _introduction(kept)
            saying -= sum(map(_says_something, taken))
            removed += [Removal(RULE, introducing) for introducing in taken]
            removed.append(Removal(RULE, line))
        elif saying and _is_header(lines[number : number + MOST_FIELDS], kept[-1], subject):
            while kept and (not kept[-1].strip() or RULED.fullmatch(kept[-1])):
                kept.pop()
            removed += [Removal(RULE, rest) for rest in lines[number:] if rest.strip()]
            break
        else:
            kept.append(line)
            saying += _says_something(line)
    return kept, removed


def _introduction(kept: list[str]) -> list[str]:
    """Takes the lines that introduce a quotation off the end of the lines above it."""
    above = kept[-MOST_ABOVE:]
    missing = len(kept) - len(above)
    while above and not above[-1].strip():
        above.pop()
    if not above or not above[-1].rstrip().endswith((":", "：")):
        return []
    last = list(takewhile(str.strip, reversed(above)))[::-1]
    whole = len(last) <= MOST_LINES and INTRODUCES.fullmatch(tidy(" ".join(last)))
    taken = last if whole else last[-1:]
    kept[missing + len(above) - len(taken) :] = []
    return taken


def _is_header(lines: Sequence[str], above: str, subject: str) -> bool:
    """Whether the header of an answered message begins here, on lines or in one paragraph.

    It repeats the subject, or stands below a rule; others list what, when and where.
    """
    fields = list(takewhile(FIELD.match, lines))
    if not fields or FORWARDED.match(subject):
        return False
    if len(fields) < LEAST_FIELDS:
        fields = re.split(r"\s(?=[*_]*[^\W\d_]{2,12}\s?[:：][*_]*\s)", fields[0])
    if len(fields) < LEAST_FIELDS or not any(map(TIME.search, fields)):
        return False
    bare = PREFIXES.sub("", subject, count=1).strip()
    repeats = any(field.rstrip(" *_").endswith(bare) for field in fields) if bare else False
    return repeats or RULED.fullmatch(above) is not None


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not RULED.fullmatch(line)


def mark_quotes(tree: HtmlElement) -> list[list[str]]:
    """Puts a mark in place of each quotation of a page; returns their paragraphs."""
    found: list[list[str]] = []
    for quote in tree.xpath("//blockquote[not(ancestor::blockquote)]"):
        mark = MARK.format(len(found))
        found.append([block.text for block in blocks(quote)])
        for child in list(quote):
            quote.remove(child)
        quote.text = mark
    return found


def as_lines(paragraphs: Sequence[str], quotes: Sequence[Sequence[str]]) -> list[str]:
    """The paragraphs, a blank line below each, in which the quotations stand again.

    Those of a message that the line above introduces have ``>`` before them.
    """
    lines: list[str] = []
    marks = {MARK.format(number): quote for number, quote in enumerate(quotes)}
    for paragraph in paragraphs:
        quote = marks.get(paragraph)
        is_message = quote is not None and lines and INTRODUCES.fullmatch(lines[-2])
        for text in (paragraph,) if quote is None else quote:
            lines += [f"> {text}" if is_message else text, ""]
    return lines

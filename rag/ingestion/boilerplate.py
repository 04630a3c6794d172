"""Finding page furniture among the paragraphs of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag.ingestion.boilerplate_patterns import always_furniture, edge_furniture, folded
from rag.ingestion.bylines import is_category, is_name, known_outlet, parse_byline
from rag.ingestion.calls_to_action import is_call_heading, without_call
from rag.ingestion.link_lists import end_of_list
from rag.types import Removal

Marks = list[str | None]

CATEGORY_RULE, PUBLISHER_RULE, BYLINE_RULE = "category line", "publisher line", "byline"
# What may stand right below a category line: the end of the article proper.
CLOSING = frozenset(
    ("other articles", "comment form", "tags", "share call", "count", CATEGORY_RULE)
)
COUNTED = frozenset(("shares", "views", "likes", "comments", "retweets", "claps"))
MOST_CATEGORY_LINES = 4
SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")


class Stripped(NamedTuple):
    """``publisher`` and ``category`` are what closing lines told."""

    paragraphs: list[str]
    removed: list[Removal]
    publisher: str | None = None
    author: str | None = None
    category: str | None = None


def strip_furniture(paragraphs: Sequence[str]) -> Stripped:
    """The paragraphs of an article without page furniture, until nothing more is found.

    One removal can bring to light another, so the rules run until they rest: the result passes
    through unchanged.
    """
    kept = list(paragraphs)
    removed: list[Removal] = []
    publisher = author = category = None
    while True:
        once = _strip_once(kept)
        if once.paragraphs == kept:
            return Stripped(kept, removed, publisher, author, category)
        kept = once.paragraphs
        removed += once.removed
        publisher = publisher or once.publisher
        author = author or once.author
        category = category or once.category


def _strip_once(paragraphs: list[str]) -> Stripped:
    marks: Marks = [always_furniture(paragraph) for paragraph in paragraphs]
    _mark_pairs(paragraphs, marks)
    _mark_lists(paragraphs, marks)
    _mark_after_comment_form(paragraphs, marks)
    _mark_labels_above(paragraphs, marks)
    tail = _mark_tail(paragraphs, marks)
    removed: list[Removal] = []
    kept: list[str] = []
    publisher = author = category = None
    for position, (paragraph, mark) in enumerate(zip(paragraphs, marks, strict=True)):
        if mark is None:
            kept.append(paragraph)
            continue
        removed.append(Removal(mark, paragraph))
        if position >= tail and mark == CATEGORY_RULE:
            category = category or paragraph
        if position >= tail and mark in (PUBLISHER_RULE, BYLINE_RULE):
            byline = parse_byline(paragraph)
            publisher = publisher or (byline.publisher if byline else paragraph)
            author = author or (byline.author if byline else None)
    return _cut_closing_call(kept, removed, publisher, author, category)


def _cut_closing_call(
    kept: list[str],
    removed: list[Removal],
    publisher: str | None,
    author: str | None,
    category: str | None,
) -> Stripped:
    """Takes calls to comment or share off the end of the last paragraph, and their heading."""
    while len(kept) > 1:
        last = kept[-1]
        rest = "" if is_call_heading(last) else without_call(last)
        if rest == last:
            break
        removed.append(Removal("closing call", last[len(rest) :].strip()))
        kept[-1:] = [rest] if rest else []
    return Stripped(kept, removed, publisher, author, category)


def _mark_pairs(paragraphs: list[str], marks: Marks) -> None:
    """Marks "Light" and "Dark", or a number and "Shares", on lines next to each other."""
    names = [folded(p) if len(p) < 20 else "" for p in paragraphs]
    for position in range(len(names) - 1):
        if {names[position], names[position + 1]} == {"light", "dark"}:
            marks[position] = marks[position + 1] = "theme switch"
        if names[position].isdecimal() and names[position + 1] in COUNTED:
            marks[position] = marks[position + 1] = "count"


def _mark_lists(paragraphs: list[str], marks: Marks) -> None:
    position = 0
    while position < len(paragraphs):
        if marks[position] is not None:
            position += 1
            continue
        end = end_of_list(paragraphs, position, marks)
        for inside in range(position, end):
            marks[inside] = marks[inside] or "other articles"
        if end > position and position and _is_category_line(paragraphs[position - 1]):
            marks[position - 1] = marks[position - 1] or CATEGORY_RULE
        position = max(end, position + 1)


def _mark_after_comment_form(paragraphs: list[str], marks: Marks) -> None:
    """Marks what stands below a comment form: readers' comments, teasers, the page's foot.

    Only where most of the text stands above the form, so that a form scraped too early cannot
    swallow the article.
    """
    total = sum(map(len, paragraphs))
    above = 0
    for position, paragraph in enumerate(paragraphs):
        opens = marks[position] == "comment form" or (
            marks[position] == "count"
            and position + 1 < len(paragraphs)
            and paragraphs[position + 1].endswith((" says:", " says"))
        )
        if opens and 2 * above >= total:
            for below in range(position, len(paragraphs)):
                marks[below] = marks[below] or "below the comment form"
            return
        above += len(paragraph)


def _mark_labels_above(paragraphs: list[str], marks: Marks) -> None:
    """Marks labels right above what they belong to, such as "Leave a Reply" above its form."""
    for position in range(len(paragraphs) - 2, -1, -1):
        below = marks[position + 1]
        if marks[position] is None and below is not None:
            rule = edge_furniture(paragraphs[position])
            if rule is not None and rule == below:
                marks[position] = rule


def _mark_tail(paragraphs: list[str], marks: Marks) -> int:
    """Marks what stands between article and closing furniture; returns where that begins."""
    tail = len(paragraphs)
    plain_lines = 0
    while tail > 1:
        paragraph = paragraphs[tail - 1]
        if marks[tail - 1] is None:
            at_end = tail == len(paragraphs)
            below = None if at_end else marks[tail]
            rule = edge_furniture(paragraph) or _closing_line(paragraphs, tail - 1, below)
            if at_end and rule not in ("comment form", "navigation", "share call", BYLINE_RULE):
                break
            if not at_end and is_call_heading(paragraph):
                rule = rule or "closing call"
            if rule is None or (plain_lines >= MOST_CATEGORY_LINES and rule == CATEGORY_RULE):
                break
            plain_lines += rule == CATEGORY_RULE
            marks[tail - 1] = rule
        tail -= 1
    return tail


def _closing_line(paragraphs: list[str], position: int, below: str | None) -> str | None:
    """The rule for a short line right above closing furniture: byline, publisher or category."""
    paragraph = paragraphs[position]
    byline = parse_byline(paragraph)
    if byline and (byline.author or byline.publisher) and below is not None:
        return BYLINE_RULE
    if below not in CLOSING or len(paragraph) > 60:
        return None
    if _is_category_line(paragraph):
        return CATEGORY_RULE
    # Directly under the last sentence, one lone name of a section or a publisher.
    above = paragraphs[position - 1]
    if not (SENTENCE_END.search(above) or _is_category_line(above)) or len(paragraph.split()) > 4:
        return None
    if known_outlet(paragraph):
        return PUBLISHER_RULE
    return CATEGORY_RULE if is_name(paragraph) and len(paragraph.split()) <= 3 else None


def _is_category_line(paragraph: str) -> bool:
    """Whether a line names known sections and nothing else."""
    if len(paragraph) > 80:
        return False
    return all(
        is_category(part.strip()) for part in re.split(r"[,|/·•]", paragraph) if part.strip()
    )

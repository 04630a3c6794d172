"""Removes boilerplate from the paragraphs of a page: menus, forms, lists of other articles, calls.

What single paragraphs look like is in `rag.ingestion.boilerplate_patterns`; here they are judged by
what is around them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rag.ingestion.boilerplate_patterns import (
    edge_rule,
    folded,
    is_between_headlines,
    is_call,
    is_call_heading,
    is_reader_question,
    list_heading,
    signup_form,
    standalone_rule,
)
from rag.ingestion.bylines import is_category, is_name, known_outlet, parse_byline
from rag.text import sentences
from rag.types import Removal

CATEGORY_RULE, PUBLISHER_RULE, BYLINE_RULE = "category line", "publisher line", "byline"
# What may come right below a category line: the end of the article proper.
CLOSING = frozenset(
    ("other articles", "comment form", "tags", "share call", "count", CATEGORY_RULE)
)
COUNTED = frozenset(("shares", "views", "likes", "comments", "retweets", "claps"))
MOST_CATEGORY_LINES = 4
SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
# A closing section of a page is short; longer paragraphs are prose. In characters.
LONGEST_CLOSING_CALL = 700
# Of what invites the reader to sign up, in characters.
LONGEST_PITCH = 240
# Headlines of news sites hold eight to fourteen words, headings of sections two to five.
SHORTEST_HEADLINE_WORDS, LONGEST_SECTION_HEADING_WORDS = 4, 5
LONGEST_HEADLINE = 180
# These lines come between the headlines of a list; a comment form comes after them.
BETWEEN_HEADLINES = ("advertisement", "count", "reading time", "photo credit", "ornament")

Rules = list[str | None]


@dataclass(slots=True)
class Remaining:
    """What is left of a page, what was removed, and what its closing lines say about the article.

    Attributes:
        paragraphs: Those of the article.
        removed: Those taken out, each with the rule.
    """

    paragraphs: list[str]
    removed: list[Removal] = field(default_factory=list)
    publisher: str | None = None
    author: str | None = None
    category: str | None = None


def remove_boilerplate(paragraphs: Sequence[str]) -> Remaining:
    """The paragraphs of an article without boilerplate.

    One removal can bring another to light, so the rules run until they find nothing: the result
    passes through unchanged.
    """
    remaining = Remaining([piece for one in paragraphs for piece in _without_form(one)])
    while True:
        before = list(remaining.paragraphs)
        _remove_marked(remaining)
        _cut_closing_calls(remaining)
        if remaining.paragraphs == before:
            return remaining


def _without_form(paragraph: str) -> list[str]:
    """A paragraph split into the prose before a sign-up form, the form, and the prose after it.

    The pitch before a form is short; what is as long as several sentences is the article's own.
    """
    form = signup_form(paragraph)
    if form is None:
        return [paragraph]
    before, after = paragraph[: form.start].rstrip(), paragraph[form.end :].lstrip()
    start = len(before) if len(before) > LONGEST_PITCH else 0
    end = form.end if len(after) > LONGEST_PITCH else len(paragraph)
    pieces = (paragraph[:start], paragraph[start:end], paragraph[end:])
    return [piece.strip() for piece in pieces if piece.strip()]


def _remove_marked(remaining: Remaining) -> None:
    """Removes what any rule marks, and keeps what the closing lines say."""
    rules, tail = _mark(remaining.paragraphs)
    kept: list[str] = []
    for position, (paragraph, rule) in enumerate(zip(remaining.paragraphs, rules, strict=True)):
        if rule is None:
            kept.append(paragraph)
            continue
        remaining.removed.append(Removal(rule, paragraph))
        if position >= tail and rule == CATEGORY_RULE:
            remaining.category = remaining.category or paragraph
        if position >= tail and rule in (PUBLISHER_RULE, BYLINE_RULE):
            byline = parse_byline(paragraph)
            publisher = byline.publisher if byline else paragraph
            remaining.publisher = remaining.publisher or publisher
            remaining.author = remaining.author or (byline.author if byline else None)
    remaining.paragraphs = kept


class Marked(NamedTuple):
    """The rule for each paragraph, and where the closing lines begin."""

    rules: Rules
    tail: int


def _mark(paragraphs: Sequence[str]) -> Marked:
    rules: Rules = [standalone_rule(paragraph) for paragraph in paragraphs]
    _mark_pairs(paragraphs, rules)
    _mark_lists(paragraphs, rules)
    _mark_after_comment_form(paragraphs, rules)
    _mark_labels_above(paragraphs, rules)
    return Marked(rules, _mark_tail(paragraphs, rules))


def _mark_pairs(paragraphs: Sequence[str], rules: Rules) -> None:
    """Marks "Light" and "Dark", or a number and "Shares", on lines next to each other."""
    names = [folded(p) if len(p) < 20 else "" for p in paragraphs]
    for position in range(len(names) - 1):
        if {names[position], names[position + 1]} == {"light", "dark"}:
            rules[position] = rules[position + 1] = "theme switch"
        if names[position].isdecimal() and names[position + 1] in COUNTED:
            rules[position] = rules[position + 1] = "count"


def _mark_lists(paragraphs: Sequence[str], rules: Rules) -> None:
    position = 0
    while position < len(paragraphs):
        if rules[position] is not None:
            position += 1
            continue
        end = _end_of_list(paragraphs, position, rules)
        for inside in range(position, end):
            rules[inside] = rules[inside] or "other articles"
        if end > position and position and _is_category_line(paragraphs[position - 1]):
            rules[position - 1] = rules[position - 1] or CATEGORY_RULE
        position = max(end, position + 1)


def _end_of_list(paragraphs: Sequence[str], start: int, rules: Rules) -> int:
    """Where the list that ``paragraphs[start]`` heads ends; ``start`` where it heads none.

    A list runs to other boilerplate, to prose, or to the end of the text. Where prose follows, the
    short line right above it is taken for the article's own heading and left.
    """
    heading = list_heading(paragraphs[start])
    if heading is None:
        return start
    end, headlines = start + 1, 0
    while end < len(paragraphs) and _in_list(paragraphs[end], rules[end]):
        headlines += len(paragraphs[end].split()) >= SHORTEST_HEADLINE_WORDS
        end += 1
    closes = (
        end == len(paragraphs)
        or rules[end] is not None
        or edge_rule(paragraphs[end]) == "comment form"
    )
    last_words = len(paragraphs[end - 1].split())
    if not closes and end > start + 1 and last_words <= LONGEST_SECTION_HEADING_WORDS:
        headlines -= last_words >= SHORTEST_HEADLINE_WORDS
        end -= 1
    enough = (0 if closes else 1) if heading == "sure" else (1 if closes else 2)
    return end if headlines >= enough else start


def _in_list(paragraph: str, rule: str | None) -> bool:
    if rule is not None:
        return rule in BETWEEN_HEADLINES
    if is_between_headlines(paragraph):
        return True
    return _is_headline(paragraph) and edge_rule(paragraph) != "comment form"


def _is_headline(paragraph: str) -> bool:
    """Whether a paragraph may be the headline of an article: short, no sentence's end."""
    if len(paragraph) > LONGEST_HEADLINE or not paragraph:
        return False
    last = paragraph.rstrip("\"'”’)")[-1:]
    return last not in (".", ":", ";", ",") or paragraph.endswith(("...", "Etc.", "etc.", "U.S."))


def _mark_after_comment_form(paragraphs: Sequence[str], rules: Rules) -> None:
    """Marks what is below a comment form: readers' comments, teasers, the foot of the page.

    Only where most of the text is above the form, so that a form scraped too early cannot swallow
    the article.
    """
    total = sum(map(len, paragraphs))
    above = 0
    for position, paragraph in enumerate(paragraphs):
        opens = rules[position] == "comment form" or (
            rules[position] == "count"
            and position + 1 < len(paragraphs)
            and paragraphs[position + 1].endswith((" says:", " says"))
        )
        if opens and 2 * above >= total:
            for below in range(position, len(paragraphs)):
                rules[below] = rules[below] or "below the comment form"
            return
        above += len(paragraph)


def _mark_labels_above(paragraphs: Sequence[str], rules: Rules) -> None:
    """Marks labels right above what they belong to, such as "Leave a Reply" above its form."""
    for position in range(len(paragraphs) - 2, -1, -1):
        below = rules[position + 1]
        if rules[position] is None and below is not None:
            rule = edge_rule(paragraphs[position])
            if rule is not None and rule == below:
                rules[position] = rule


def _mark_tail(paragraphs: Sequence[str], rules: Rules) -> int:
    """Marks what is between the article and closing boilerplate; returns where that begins."""
    tail = len(paragraphs)
    category_lines = 0
    while tail > 1:
        paragraph = paragraphs[tail - 1]
        if rules[tail - 1] is None:
            at_end = tail == len(paragraphs)
            below = None if at_end else rules[tail]
            rule = edge_rule(paragraph) or _closing_line(paragraphs, tail - 1, below)
            if at_end and rule not in ("comment form", "navigation", "share call", BYLINE_RULE):
                break
            if not at_end and is_call_heading(paragraph):
                rule = rule or "closing call"
            if rule is None or (category_lines >= MOST_CATEGORY_LINES and rule == CATEGORY_RULE):
                break
            category_lines += rule == CATEGORY_RULE
            rules[tail - 1] = rule
        tail -= 1
    return tail


def _closing_line(paragraphs: Sequence[str], position: int, below: str | None) -> str | None:
    """The rule for a short line right above closing boilerplate: byline, publisher or category."""
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


def _cut_closing_calls(remaining: Remaining) -> None:
    """Takes calls to comment or share off the end of the last paragraph, and their heading."""
    kept = remaining.paragraphs
    while len(kept) > 1:
        last = kept[-1]
        rest = "" if is_call_heading(last) else _without_call(last)
        if rest == last:
            break
        remaining.removed.append(Removal("closing call", last[len(rest) :].strip()))
        kept[-1:] = [rest] if rest else []


def _without_call(paragraph: str) -> str:
    """A closing paragraph without the calls at its end; empty where it is mostly calls."""
    if len(paragraph) > LONGEST_CLOSING_CALL:
        return paragraph
    spans = sentences(paragraph)
    texts = [paragraph[span.start : span.end] for span in spans]
    calls = [is_call(text) for text in texts]
    if not any(calls):
        return paragraph
    asking = [call or is_reader_question(text) for call, text in zip(calls, texts, strict=True)]
    if (2 * sum(asking) > len(asking) and len(asking) > 1) or all(asking):
        return ""
    kept = len(texts)
    while kept and asking[kept - 1]:
        kept -= 1
    if not any(calls[kept:]):
        return paragraph
    return paragraph[: spans[kept - 1].end]

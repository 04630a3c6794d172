"""Cleans scraped text: the article's own words, and what the page says about it.

Boilerplate is found by structure, never by the name of a site; see `rag.ingestion.boilerplate`.
Time is linear in the length of the text: patterns see short paragraphs only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.ingestion.boilerplate import BYLINE_RULE, CATEGORY_RULE, remove_boilerplate
from rag.ingestion.boilerplate_patterns import NAVIGATION, edge_rule, folded, standalone_rule
from rag.ingestion.bylines import Byline, is_category, is_name, known_outlet, parse_byline
from rag.ingestion.normalization import SURROGATE, split_paragraphs, tidy
from rag.types import Removal

LONGEST_TITLE = 200
# How many paragraphs around the title are searched for bylines; pages place them at once.
HEAD = 10
# A title made from a sentence is cut here, as headlines of news sites rarely are longer.
MADE_TITLE = 90
INTRODUCTION = re.compile(
    r"(?:In|On|At|After|As|While|With|For|By|Since|During|Amid|Despite|Following|When|Although)\b"
    r"[^,.]{3,80},\s+(?=\S+(?:\s+\S+){4})"
)
SENTENCE = re.compile(r"[^.!?]{1,400}[!?]?")
QUOTES = str.maketrans("", "", "\"'“”‘’")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's own text in canonical form, its metadata, and what was removed.

    ``title`` is empty only where ``text`` is.
    """

    title: str
    publisher: str | None
    author: str | None
    published: date | None
    category: str | None
    text: str
    removed: tuple[Removal, ...]


def clean(raw: str, *, title: str | None = None) -> Cleaned:
    """The article in a page's raw text.

    Args:
        raw: Text as scraped: paragraphs on lines of their own, or hard-wrapped.
        title: The title where it is known; otherwise it is found, or made of the first sentence.
    """
    return clean_paragraphs(split_paragraphs(raw), title=title, removed=_broken_characters(raw))


def clean_paragraphs(
    paragraphs: Sequence[str], *, title: str | None = None, removed: Sequence[Removal] = ()
) -> Cleaned:
    """Like `clean`, of text whose paragraphs are known and tidy."""
    kept = list(paragraphs)
    taken = list(removed)
    byline = Byline()
    title = tidy(title or "")[: 2 * LONGEST_TITLE]
    known = bool(title)
    before: list[str] | None = None
    # One removal can bring another to light; the result passes through unchanged.
    while kept != before:
        before = list(kept)
        title, byline = _read_head(kept, taken, byline, title, known)
        known = True
        remaining = remove_boilerplate(kept)
        kept = remaining.paragraphs
        taken += remaining.removed
        byline = _filled(byline, remaining.publisher, remaining.author, remaining.category)
    text = "\n\n".join(kept)
    return Cleaned(
        title=(title or made_title(text)) if text else title,
        publisher=byline.publisher,
        author=byline.author,
        published=byline.published,
        category=byline.category,
        text=text,
        removed=tuple(taken),
    )


def as_it_is(
    paragraphs: Sequence[str], *, title: str | None = None, removed: Sequence[Removal] = ()
) -> Cleaned:
    """Like `clean_paragraphs`, of text without boilerplate: only a doubled title is taken out.

    Where the title is not known, it stays empty.
    """
    kept, taken = list(paragraphs), list(removed)
    if title and len(kept) > 1 and _same(kept[0], title):
        taken.append(Removal("doubled title", kept.pop(0)))
    text = "\n\n".join(kept)
    return Cleaned(title or "", None, None, None, None, text, tuple(taken))


def _broken_characters(raw: str) -> list[Removal]:
    """Notes halves of characters, which no text may hold."""
    halves = SURROGATE.findall(raw)
    return [Removal("broken character", repr("".join(halves)))] if halves else []


def _read_head(
    kept: list[str], taken: list[Removal], byline: Byline, title: str, known: bool
) -> tuple[str, Byline]:
    """Takes the title and the lines around it off ``kept``; notes them in ``taken``."""
    byline = _take_above_title(kept, taken, byline)
    if not known and is_title(kept):
        title = kept.pop(0)
        title, site = _without_site(title, kept)
        byline = _filled(byline, site, None, None)
    return title, _take_below_title(kept, taken, byline, title)


def _take_above_title(kept: list[str], taken: list[Removal], byline: Byline) -> Byline:
    """Takes navigation, theme switches, section names and dates off the top."""
    position = 0
    while position < len(kept) - 1:
        first, rest = kept[position], kept[position + 1 : position + 3]
        read = parse_byline(first)
        rule = standalone_rule(first)
        if rule is None and read is not None:
            byline, rule = _merged(byline, read), BYLINE_RULE
        elif rule is None and (label := _menu_label(first)):
            rule = label if position or _opens_menu(first, rest) else None
        if rule is None and is_category(first) and is_title(rest):
            # The last of several section names belongs to a menu.
            byline = byline if position else _filled(byline, None, None, first)
            rule = CATEGORY_RULE
        if rule is None:
            break
        taken.append(Removal(rule, first))
        position += 1
    del kept[:position]
    return byline


def _menu_label(paragraph: str) -> str | None:
    """The rule for a label of a menu or theme switch; comment labels are at the foot of a page."""
    rule = edge_rule(paragraph)
    return rule if rule in ("navigation", "theme switch", "share call") else None


def _opens_menu(first: str, rest: Sequence[str]) -> bool:
    """Whether another label follows, or a title: one label above prose may be a heading."""
    second = rest[0]
    if _menu_label(second) or standalone_rule(second) or is_category(second):
        return True
    return folded(first) in NAVIGATION and is_title(rest)


def _take_below_title(kept: list[str], taken: list[Removal], byline: Byline, title: str) -> Byline:
    """Takes doubled titles and bylines out of the first paragraphs, down to the first prose."""
    held: list[str] = []
    position = 0
    while position < len(kept) - 1 and len(held) < HEAD:
        paragraph = kept[position]
        read = parse_byline(paragraph) or _lone_name(kept, position, dated=byline.published)
        rule = None
        if title and _same(paragraph, title):
            rule = "doubled title"
        elif read is not None:
            byline, rule = _merged(byline, read), BYLINE_RULE
        elif not held and is_category(paragraph) and is_prose(kept[position + 1]):
            byline, rule = _filled(byline, None, None, paragraph), CATEGORY_RULE
        elif _menu_label(paragraph) == "share call":
            rule = "share call"
        elif is_prose(paragraph):
            break
        if rule is None:
            held.append(paragraph)
        else:
            taken.append(Removal(rule, paragraph))
        position += 1
    kept[:position] = held
    return byline


def _lone_name(kept: list[str], position: int, *, dated: date | None) -> Byline | None:
    """A name alone on a line, which the day below shows to be the author's, not a heading."""
    paragraph, below = kept[position], parse_byline(kept[position + 1])
    if position and folded(kept[position - 1]) == "by" and is_name(paragraph):
        return Byline(author=paragraph)
    if folded(paragraph) == "by" and position + 2 < len(kept) and is_name(kept[position + 1]):
        return Byline(certain=True)
    if dated and known_outlet(paragraph):
        return Byline(publisher=paragraph)
    if not (below and below.published):
        if position + 2 >= len(kept) or not is_name(kept[position + 1]):
            return None
        further = parse_byline(kept[position + 2])
        if not (further and further.published):
            return None
    if known_outlet(paragraph):
        return Byline(publisher=paragraph)
    words = paragraph.split()
    return Byline(author=paragraph) if 2 <= len(words) <= 4 and is_name(paragraph) else None


def is_title(paragraphs: Sequence[str]) -> bool:
    """Whether the first paragraph is a title line and not the first sentence of the prose."""
    if len(paragraphs) < 2 or len(paragraphs[0]) > LONGEST_TITLE:
        return False
    first, second = paragraphs[0], paragraphs[1]
    if _same(first, second) or parse_byline(second) is not None:
        return True
    if not first.rstrip("\"'”’)").endswith((".", ",", ";", ":")):
        return True
    words = [word for word in first.translate(QUOTES).split() if len(word) > 3]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= 3 and capitals >= 0.7 * len(words)


def _without_site(title: str, below: Sequence[str]) -> tuple[str, str | None]:
    """Parts "TITLE | SITE", where the title below or the site's own name shows what is which."""
    match = re.fullmatch(r"(.{10,}?)\s+[|–—-]\s+([^|–—]{2,40})", title)
    if not match:
        return title, None
    head, site = match.group(1), match.group(2)
    if any(_same(head, paragraph) for paragraph in below[:3]) or known_outlet(site):
        return head, site
    return title, None


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph is running text: long, or a sentence of some length."""
    return len(paragraph) > LONGEST_TITLE or (
        len(paragraph) > 60 and paragraph.rstrip("\"'”’)").endswith((".", "!", "?", "…"))
    )


def _same(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 20 or len(one) > 2 * LONGEST_TITLE:
        return False
    return folded(one) == folded(other)


def made_title(text: str) -> str:
    """A title from the first sentence: without its introduction, cut between words."""
    line = text[: text.find("\n")] if "\n" in text else text
    start = line[:600]
    introduction = INTRODUCTION.match(start)
    if introduction:
        start = start[introduction.end() :]
    match = SENTENCE.match(start)
    sentence = match.group().strip() if match else start[:MADE_TITLE].strip()
    if len(sentence) > MADE_TITLE:
        cut = sentence.rfind(" ", 0, MADE_TITLE)
        sentence = sentence[: cut if cut > 0 else MADE_TITLE]
        opened = max(sentence.rfind("“"), sentence.rfind("«"))
        if opened > 20 and opened > max(sentence.rfind("”"), sentence.rfind("»")):
            sentence = sentence[:opened]
        sentence = sentence.rstrip(" ,;:–—-") + "…"
    return sentence[:1].upper() + sentence[1:] if sentence else start[:MADE_TITLE]


def _merged(byline: Byline, more: Byline) -> Byline:
    byline = _filled(byline, more.publisher, more.author, more.category)
    return replace(byline, published=byline.published or more.published)


def _filled(
    byline: Byline, publisher: str | None, author: str | None, category: str | None
) -> Byline:
    return replace(
        byline,
        publisher=byline.publisher or publisher,
        author=byline.author or author,
        category=byline.category or category,
    )

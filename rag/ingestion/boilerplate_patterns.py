"""What boilerplate looks like, paragraph by paragraph; the wording is in ``boilerplate.toml``.

A standalone rule decides by the paragraph alone: no article is written in such lines. An edge rule
also fits an article's own headings; it counts only at the edges of a page, next to other
boilerplate. Every pattern is matched against short paragraphs from their first character, so that
a word inside a sentence never counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from rag.data import read_text
from rag.text import ANY_MONTH, is_table_row, sentences
from rag.types import Span

# In characters. No label or button is longer; longer paragraphs are not looked at.
LONGEST_LABEL = 300
# Forms are scraped as one long line.
LONGEST_FORM = 900
# Of a sentence that asks the reader for something, and of a heading that does.
LONGEST_REQUEST, LONGEST_REQUEST_HEADING = 300, 120

STRAIGHT = str.maketrans("‘’‚“”„–—‐‑\u00a0", "'''\"\"\"---- ")
MARKS = " \t:.!…*•·|»«›‹>→←↓#+-"

_DATA = tomllib.loads(read_text("boilerplate.toml"))
_FRAGMENTS = {"month": f"(?:{ANY_MONTH})", **_DATA["fragments"]}


def _joined_lines(text: str) -> str:
    return re.sub(r"\n\s*", "", text.lstrip())


def _pattern(alternatives: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(map(_joined_lines, alternatives))
    for name, fragment in _FRAGMENTS.items():
        joined = joined.replace(f"<{name}>", _joined_lines(fragment))
    return re.compile(joined)


def _patterns(table: Mapping[str, Sequence[str]]) -> dict[str, re.Pattern[str]]:
    return {name: _pattern(alternatives) for name, alternatives in table.items()}


_PHRASES = {
    name: frozenset(" ".join(phrase.split()) for phrase in text.split(","))
    for name, text in _DATA["phrases"].items()
}
_STANDALONE = _patterns(_DATA["standalone"])
_CALLS = _patterns(_DATA["calls"])
_HEADINGS = _patterns(_DATA["headings"])
_LINES = _patterns(_DATA["lines"])

CATEGORIES = _PHRASES["categories"]
NAVIGATION = _PHRASES["navigation"]


def folded(paragraph: str) -> str:
    """Lower case, straight quotation marks, no punctuation or arrows around: for comparison."""
    return paragraph.casefold().translate(STRAIGHT).strip(MARKS)


def standalone_rule(paragraph: str) -> str | None:
    """The rule by which a paragraph is boilerplate wherever it is, or None."""
    if len(paragraph) > LONGEST_FORM or is_table_row(paragraph):
        return None
    text = folded(paragraph)
    if _LINES["signup_form"].search(text):
        return "subscribe call"
    if len(paragraph) > LONGEST_LABEL or not text:
        return None
    if _LINES["comment_form"].match(text):
        return "comment form"
    if _LINES["cookies"].match(text) and (len(text) < 40 or _LINES["cookie_purpose"].search(text)):
        return "cookie banner"
    if _is_share_bar(text):
        return "share call"
    if text in _PHRASES["buttons"]:
        return "navigation"
    # A credit may be in brackets: "(Photo: Ada Quill)".
    opened = text.replace("(", "").lstrip() if text.startswith("(") else text
    for rule, pattern in _STANDALONE.items():
        if pattern.match(text) or (rule == "photo credit" and pattern.match(opened)):
            return rule
    if _LINES["pointer"].match(paragraph):
        return "pointer to another article"
    return _call_rule(text)


def signup_form(paragraph: str) -> Span | None:
    """The span of a sign-up form in a paragraph: whole sentences, from its first sign to its last.

    Forms are scraped as one line, sometimes with the article's own prose before or after them.
    """
    lowered = paragraph.translate(STRAIGHT).lower()
    if len(lowered) != len(paragraph):
        # A few capitals become two characters, which would shift every place after them.
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in paragraph)
    found = [*_LINES["signup_form"].finditer(lowered)]
    if not found:
        return None
    first, last = found[0].start(), found[-1].end()
    inside = [span for span in sentences(paragraph) if span.end > first and span.start < last]
    # A placeholder of a template ends where it is closed, without a full stop.
    closed = paragraph.find("}}", last) if found[-1][0].startswith("{{") else -1
    end = closed + len("}}") if closed >= 0 else inside[-1].end
    return Span(inside[0].start, end)


def _call_rule(text: str) -> str | None:
    """The rule of a call to share or subscribe, perhaps with a slogan before it."""
    if is_reported(text):
        return None
    slogan = _LINES["slogan"].match(text)
    starts = (0, slogan.end()) if slogan else (0,)
    for rule in ("share call", "subscribe call"):
        if any(_CALLS[rule].match(text, start) for start in starts):
            return rule
    return None


def is_reported(text: str) -> bool:
    """Whether a folded sentence quotes or reports somebody: such calls are the article's own."""
    return '"' in text or _LINES["report"].search(text) is not None


def _is_share_bar(text: str) -> bool:
    """Whether a line holds names of networks and sharing verbs only, two networks at least."""
    words = re.split(r"[\s,|/·•]+", text)
    return (
        2 <= len(words) <= 20
        and all(word in _PHRASES["share_words"] for word in words)
        and sum(word in _PHRASES["networks"] for word in words) >= 2
    )


def edge_rule(paragraph: str) -> str | None:
    """The rule by which a paragraph is boilerplate where it touches other boilerplate, or None."""
    if len(paragraph) > LONGEST_LABEL or is_table_row(paragraph):
        return None
    text = folded(paragraph)
    base = re.sub(r"\s*\(\d+\)$", "", text)
    if base in _PHRASES["comment_labels"] or text in _PHRASES["form_fields"]:
        return "comment form"
    if text in NAVIGATION or _LINES["buttons"].match(text):
        return "navigation"
    if text in _PHRASES["share_words"]:
        return "share call"
    if text in _PHRASES["theme_labels"]:
        return "theme switch"
    if not text and paragraph:
        return "ornament"
    return None


def is_byline_extra(text: str) -> bool:
    """Whether a folded part of a byline is a count, a reading time or a list of tags."""
    return any(_STANDALONE[rule].match(text) for rule in ("count", "reading time", "tags"))


def is_call(sentence: str) -> bool:
    """Whether a sentence asks the reader to comment, share or subscribe."""
    text = folded(sentence)
    if not text or len(text) > LONGEST_REQUEST or is_reported(text):
        return False
    return any(pattern.match(text) for pattern in _CALLS.values())


def is_reader_question(sentence: str) -> bool:
    """Whether a sentence asks something of the reader. Not a call by itself."""
    return (
        len(sentence) <= LONGEST_REQUEST
        and sentence.rstrip("\"'”’)").endswith("?")
        and _LINES["reader_question"].match(folded(sentence) + "?") is not None
    )


def is_call_heading(paragraph: str) -> bool:
    """Whether a heading asks for comments; what follows must show that it is boilerplate."""
    text = folded(paragraph)
    return len(text) <= LONGEST_REQUEST_HEADING and (
        text in _PHRASES["comment_labels"] or _HEADINGS["call"].match(text) is not None
    )


def list_heading(paragraph: str) -> str | None:
    """``sure`` or ``doubtful`` for a heading of a list of other articles, else None."""
    text = folded(paragraph) if len(paragraph) <= LONGEST_LABEL else ""
    for kind in ("sure", "doubtful"):
        if text and _HEADINGS[kind].match(text):
            return kind
    return None


def is_between_headlines(paragraph: str) -> bool:
    """Whether a line of a list of articles is a day or a count of minutes."""
    return _LINES["between_headlines"].match(folded(paragraph)) is not None

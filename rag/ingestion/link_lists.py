"""Lists of other articles: the heading that opens one, and where its headlines end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingestion.boilerplate_patterns import LONGEST_LABEL, edge_furniture, folded
from rag.text import ANY_MONTH

ARTICLES = (
    r"(?:articles?|posts?|stories|story|news|reads?|reading|content|pages|topics|links|headlines"
    r"|videos)"
)
# Nothing but a list of other articles is called so.
SURE_HEADING = re.compile(
    rf"(?:{ARTICLES} )?you (?:may|might|will|would|could|should|'ll) (?:also |even )?(?:like"
    rf"|love|enjoy|"
    r"be interested in|want to read|have missed)(?: (?:also|too|these|reading|this))?$"
    rf"|(?:similar|related|recommended|recent|latest|popular|trending|featured|suggested"
    rf"|further|other|"
    rf"more|top|editor'?s'?|our (?:latest|top)|most (?:popular|read|viewed|recent)) {ARTICLES}"
    r"(?: (?:for you|from .{1,40}|on .{1,40}|about .{1,40}|in .{1,40}|this week|today|now))?$"
    r"|recommended (?:for you|by .{1,30})$|read (?:next|also|this next|these next)$"
    r"|what to read next$"
    r"|(?:most|top) (?:read|viewed|popular|shared|commented|reads)(?: .{1,40})?$|more like this$"
    r"|you (?:may|might) (?:also )?(?:have missed|be interested in)$|in case you missed it$"
    r"|don't miss$"
    r"|more from (?!the ).{1,40}$|more (?:on|in) this (?:story|topic|section|series)$"
    r"|up next$|also read$"
    r"|from around the web$|around the web$|from our (?:partners|sponsors|network)$"
    r"|editors'? picks?$"
    r"|(?:people|readers|others) (?:also|are|who) (?:read|reading|like|liked|viewed"
    r"|also read).{0,30}$"
    r"|(?:previous|next) (?:articles?|posts?|story|stories)$"
    r"|keep reading$|related coverage$|related$|top reads .{1,40}$|latest from .{1,40}$"
)
# These may head a section of the article's own; only a list of headlines below tells.
DOUBTFUL_HEADING = re.compile(
    r"(?:trending(?: now| today)?|popular(?: now)?|latest|recommended|read more|more|see also"
    r"|see more|more news|"
    r"top stories|headlines|just in|newest|hot|must read|must reads|what's new"
    r"|further reading|recent|"
    r"discover more|explore more|learn more|more on (?!the ).{1,40}|more to read"
    r"|more from the .{1,40})$"
)
# Headlines of news sites hold eight to fourteen words, headings of sections two to five.
SHORTEST_HEADLINE_WORDS = 4
LONGEST_HEADLINE = 180
BY_THE_WAY = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d+\s*(?:min|hours?|days?|weeks?|months?)\b.*|"
    rf"(?:{ANY_MONTH})\.? \d{{1,2}},? \d{{4}})$"
)


def is_headline(paragraph: str) -> bool:
    """Whether a paragraph may be the headline of an article: short, no sentence's end."""
    if len(paragraph) > LONGEST_HEADLINE or not paragraph:
        return False
    last = paragraph.rstrip("\"'”’)")[-1:]
    return last not in (".", ":", ";", ",") or paragraph.endswith(("...", "Etc.", "etc.", "U.S."))


def end_of_list(paragraphs: Sequence[str], start: int, marked: Sequence[str | None]) -> int:
    """Where the list that ``paragraphs[start]`` heads ends; ``start`` where it heads none.

    A list runs to other furniture, to prose, or to the end of the text. Where prose follows, the
    short line right above it is taken for the article's own heading and left.
    """
    text = folded(paragraphs[start]) if len(paragraphs[start]) <= LONGEST_LABEL else ""
    sure = bool(SURE_HEADING.match(text))
    if not sure and not DOUBTFUL_HEADING.match(text):
        return start
    end, headlines = start + 1, 0
    while end < len(paragraphs) and _in_list(paragraphs[end], marked[end]):
        headlines += len(paragraphs[end].split()) >= SHORTEST_HEADLINE_WORDS
        end += 1
    closes = (
        end == len(paragraphs)
        or marked[end] is not None
        or edge_furniture(paragraphs[end]) == "comment form"
    )
    if not closes and end > start + 1 and len(paragraphs[end - 1].split()) <= 5:
        headlines -= len(paragraphs[end - 1].split()) >= SHORTEST_HEADLINE_WORDS
        end -= 1
    enough = (0 if closes else 1) if sure else (1 if closes else 2)
    return end if headlines >= enough else start


def _in_list(paragraph: str, mark: str | None) -> bool:
    # Advertisements and counts stand between headlines; comment forms come behind.
    if mark is not None:
        return mark in ("advertisement", "count", "reading time", "photo credit", "ornament")
    if BY_THE_WAY.match(folded(paragraph)):
        return True
    return is_headline(paragraph) and edge_furniture(paragraph) != "comment form"

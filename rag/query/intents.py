"""Detects lists of questions, overviews, comparisons and requests for a title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag import text as texts

# A sentence of at most this many words is split into questions; a longer one is a single question
# with many clauses.
LONGEST_LIST = 30
ASKING = r"(?:who|whom|whose|what|when|where|why|how|which)"
ASKS = re.compile(rf"{ASKING}\b", re.IGNORECASE)
# After "and", a verb before its subject asks too: "and did he win", not "and was praised".
INVERTED = (
    r"(?:did|does|do|is|are|was|were|has|have|can|will)\s+"
    r"(?:it|he|she|they|there|the|this|that|these|[A-Z][\w’'.&-]*)\b"
)
# "And for how much", "and by whom", with nothing after it.
TO_WHOM = (
    r"(?i:for|by|to|from|with|since|until|in|at)\s+(?i:whom|what|when|where|how (?:much|many|long))"
    r"[?.! ]*$"
)
JOINT = re.compile(
    r"\?\s+(?:and\s+|also\s+)*(?=\S)"
    rf"|[,;]?\s+and\s+(?:also\s+)?(?=(?:(?i:{ASKING})\b|{INVERTED}|{TO_WHOM}))"
    rf"|[,;]\s+(?:also\s+)?(?=(?i:what|how|why)\b)"
)
# A piece with such an end continues in the next one: "the man who fled and who paid", "see how".
CARRIES_ON = re.compile(r"\b(?:who|which|whom|whose|that|when|where)\b", re.IGNORECASE)
LEAST_WORDS = 2

ARTICLES = (
    r"(?:the |these |those |your |my |our |all |all the )?"
    r"(?:articles?|sources?|papers?|texts?|stories|reports?|news|coverage|documents?|library)"
)
OVERVIEW = (
    rf"what (?:do|does|did|can|have) {ARTICLES} (?:all |each |generally |have )*"
    r"(?:say|write|report|tell(?: us| me)?|think|claim|mention|written|reported)"
    r" (?:about|on|of|regarding) (?P<of>.+)",
    r"what (?:is|was|has been|gets) (?:being )?(?:said|written|reported|told)"
    rf"(?: in {ARTICLES})? (?:about|on|of) (?P<of>.+)",
    r"(?:please )?(?:give (?:me )?|show (?:me )?|i (?:want|need) )?(?:an? |the )?(?:quick |short )?"
    rf"(?:overview|summary|round-?up|digest)(?: of(?: what)? {ARTICLES}(?: says?)?)?"
    r" (?:about|on) (?P<of>.+)",
    r"(?:please )?(?:give (?:me )?)?(?:an? )?overview of (?P<of>.+)",
    rf"(?:please )?summari[sz]e(?: what)?(?: {ARTICLES})?(?: says?)? (?:about|on|of) (?P<of>.+)",
    rf"(?:which|what) {ARTICLES} (?:are|is|speak|speaks|talk|talks|deal|deals|mention|mentions"
    r"|cover|covers|discuss|discusses|write|writes)(?: (?:about|with|of|on))? (?P<of>.+)",
)
OVERVIEWS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in OVERVIEW)
# "Sports articles about rugby", "any news since March on the strike", with filters in between. A
# question that begins with a verb or another question word asks about such an article.
_LISTED = (
    r"(?:please |show me |give me |find |list |is there |are there )*"
    r"(?:(?!(?:who|what|when|where|why|how|is|are|was|were|did|does|do|has|have|had|can|will|a|an|of"
    r"|in|to|for|from|with|behind)\b)[\w’'.-]+ ){0,4}?"
    r"(?:articles?|stories|reports|news|coverage|headlines)"
    r"(?: (?:by|from|since|in|of|before|after|until|between|dated|published|written|last|this)\b"
    r".*?)?"
)
LISTING = re.compile(rf"{_LISTED} (?:about|on|regarding|concerning) (?P<of>.+)", re.IGNORECASE)
# "Sports articles by Ada Quill": all of them.
LISTING_ALL = re.compile(rf"{_LISTED}[?.! ]*", re.IGNORECASE)
# Words of such a request that are not its subject.
LISTS = frozenset(
    "show give find list please latest newest recent article articles story stories report reports "
    "news coverage headlines pieces published written dated tech".split()
)
# In words; a longer request asks for something specific.
LONGEST_LISTING = 13
# "What did Ada Quill write about the ferry", for authors with articles in the library.
SAID_BY = (
    r"what (?:did|does|do|has|have) (?:the )?(?:{names})(?:['’]s articles)? "
    r"(?:say|write|report|tell(?: us| me)?|said|written|reported|published) (?:about|on) (?P<of>.+)"
)
COMPARISON = (
    r"(?:please )?(?:compare|contrast) (?P<one>.+? and .+?),? with (?!an? |no )(?P<other>.+)",
    r"(?:please )?(?:compare|contrast) (?P<one>.+?)(?:,? and |,? with |,? to |,? vs\.? "
    r"|,? versus )(?P<other>.+)",
    r"(?:what(?: is| are|'s|’s|s) )?(?:the )?(?:main |key |biggest )?differences? between "
    r"(?P<one>.+?),? and (?P<other>.+)",
    r"how (?:does|do|did|is|are|was|were) (?P<one>.+?) (?:compare|differ|different|stack up)"
    r" (?:to|with|from|against) (?P<other>.+)",
    r"how (?:do|does|did|are) (?P<one>.+?),? and (?P<other>.+?) (?:compare|differ)",
    r"(?P<one>.+?),? (?:vs\.?|versus) (?P<other>.+)",
)
COMPARISONS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in COMPARISON)
# "Compare how Ada Quill and the council explain the delay": one predicate for all subjects. A name
# of several words is known by its capitals.
_SUBJECT = r"(?:the )?(?:(?-i:[A-Z][\w'’.&-]*(?: [A-Z][\w'’.&-]*)*)|[\w'’.&-]+)"
SHARED_PREDICATE = re.compile(
    r"(?:please )?(?:compare|contrast) (?P<asks>how|what|why|when|where|whether|which \w+"
    rf"|the ways?(?: in which)?) (?P<one>{_SUBJECT}(?:(?:, | and ){_SUBJECT})*),? and"
    rf" (?P<other>{_SUBJECT}) (?P<rest>.+)",
    re.IGNORECASE,
)
# Between sides. A comma is there only before a last "and".
BETWEEN_SIDES = re.compile(r",? (?:and|vs\.?|versus) ", re.IGNORECASE)
COMMA = re.compile(r",\s+")
# "The trams in Bergen, Graz and Porto": the first side says for all what is compared. What follows
# it has the form of the other sides, a name like them or a word with an article.
_OF = r"(?:of|in|at|for|from|to|by|between|on|against|about|with|over|under)"
SHARED_HEAD = re.compile(rf"(?P<head>[^A-Z]*\w {_OF} )(?P<own>\S.*)")
WITH_HEAD = re.compile(rf"\w(?: {_OF}|['’]s) ", re.IGNORECASE)
ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
# After these comes the aspect in which two sides are compared.
IN_WHAT = re.compile(
    r"^(?P<side>.+?),? (?:(?:on|regarding|concerning|about|in terms of|with regard to|when it comes"
    r" to|by) (?P<topic>.+)|in (?P<in>(?:price|cost|size|speed|quality|power)\b.*))$",
    re.IGNORECASE,
)
LONGEST_SIDE = 6
# Words that a question about a title may have besides the title.
OF_TITLE = frozenset(
    texts.stem(word)
    for word in "summarize summarise summary sum overview article say tell show read titled called "
    "explain describe give piece story please".split()
)
NO_SUBJECT = frozenset({"not", "no", "never"})


def split_questions(question: str) -> tuple[str, ...]:
    """The questions in a list of questions; the question itself if it is only one."""
    asked = question.strip()
    if len(asked.split()) > LONGEST_LIST:
        return (question,)
    pieces: list[str] = []
    start = 0
    for joint in JOINT.finditer(asked):
        piece = asked[start : joint.start()]
        if not joint.group().startswith("?") and not _is_whole(piece, asked[joint.end() :]):
            continue
        pieces.append(piece)
        start = joint.end()
    pieces.append(asked[start:])
    told = [piece.strip(" ,;?") for piece in pieces]
    return tuple(f"{p}?" for p in told if p) if len(pieces) > 1 and all(told) else (question,)


def _is_whole(piece: str, rest: str) -> bool:
    """Whether a piece is a question and what follows is not its relative clause."""
    if len(piece.split()) < LEAST_WORDS or not rest.strip(" ?"):
        return False
    opening = ASKS.match(piece) or re.match(rf"(?i:and |so )?(?:{INVERTED})", _capital(piece))
    relative = re.match(r"(?:who|which|whom|whose|when|where)\b", rest, re.IGNORECASE)
    inside = piece.split(maxsplit=1)[1]
    return bool(opening) and not (relative and CARRIES_ON.search(inside))


def _capital(piece: str) -> str:
    """The piece with a lower-case first letter, and the next word written as a name."""
    first, _, rest = piece.partition(" ")
    return f"{first.lower()} {rest[:1].upper()}{rest[1:]}"


def parse_overview(question: str, speakers: Sequence[str] = ()) -> str | None:
    """The subject of an overview of the articles; None if the question asks for none.

    Args:
        question: The question.
        speakers: Authors and publishers as the question names them.
    """
    asked = question.strip().rstrip("?.! ")
    named = SAID_BY.format(names="|".join(map(re.escape, speakers)))
    said_by = (re.compile(named, re.IGNORECASE),) if speakers else ()
    short = (LISTING, *said_by) if len(asked.split()) <= LONGEST_LISTING else ()
    for pattern in (*OVERVIEWS, *short):
        if match := pattern.fullmatch(asked):
            subject = match["of"].strip(' ,"“”')
            return subject if set(texts.content_stems(subject)) - NO_SUBJECT else None
    return None


def is_title_query(question: str, titles: Sequence[str]) -> bool:
    """Whether the question asks only what an article with one of these titles says."""
    rest = set(texts.content_stems(question))
    return any(rest - set(texts.content_stems(title)) <= OF_TITLE for title in titles)


class Side(NamedTuple):
    """One of the things that are compared: its name, and the text to search for.

    The text has the aspect in which they are compared, too.
    """

    name: str
    text: str


def parse_comparison(question: str) -> tuple[Side, ...] | None:
    """The sides of a comparison, two or more; None if it is not a comparison."""
    asked = question.strip().rstrip("?.! ")
    if len(asked.split()) > LONGEST_LIST:
        return None
    if shared := SHARED_PREDICATE.fullmatch(asked):
        asks, rest = shared["asks"], shared["rest"]
        names = _sides(shared["one"], shared["other"])
        return tuple(Side(name, f"{asks} {name} {rest}") for name in names) or None
    for pattern in COMPARISONS:
        match = pattern.fullmatch(asked)
        if match is None:
            continue
        one, other = match["one"].strip(" ,"), match["other"].strip(" ,")
        topic = ""
        if found := IN_WHAT.match(other):
            other, topic = found["side"], found["topic"] or found["in"]
        sides = _sides(one, other)
        return tuple(Side(side, f"{side} {topic}".strip()) for side in sides) or None
    return None


def _sides(one: str, other: str) -> tuple[str, ...]:
    """The sides before and after a word such as "and"; empty if they are not sides.

    Those of an enumeration are taken one by one, unless that gives the same side twice
    ("Portland, Oregon and Portland, Maine") or a clause.
    """
    *first, last = [*BETWEEN_SIDES.split(one), *BETWEEN_SIDES.split(other)]
    apart = [*(side for joined in first for side in COMMA.split(joined)), last]
    is_list = "," not in last and not any(CARRIES_ON.search(side) for side in apart)
    if is_list and _are_distinct(apart):
        return _with_shared_head(apart)
    return _with_shared_head((one, other)) if _are_distinct((one, other)) else ()


def _are_distinct(sides: Sequence[str]) -> bool:
    """Whether sides are short, say something, and something different each."""
    stems = [frozenset(texts.content_stems(side)) for side in sides]
    short = all(len(ARTICLE.sub("", side).split()) <= LONGEST_SIDE for side in sides)
    return short and all(stems) and len(set(stems)) == len(stems)


def _with_shared_head(sides: Sequence[str]) -> tuple[str, ...]:
    """The sides without their articles, each with what the first one says for all."""
    first, *others = (ARTICLE.sub("", side) for side in sides)
    shared = SHARED_HEAD.fullmatch(first)
    if shared and {_form(side) for side in sides[1:]} == {_form(shared["own"])}:
        return first, *(shared["head"] + side for side in sides[1:])
    return first, *others


def _form(side: str) -> tuple[bool, bool, bool]:
    """Whether a side has an article, begins with a capital, and has a head of its own."""
    return bool(ARTICLE.match(side)), side[:1].isupper(), bool(WITH_HEAD.search(side))

"""Who did it: the name in front of a verb, or behind "by", with what it was done to beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag import text as texts
from rag.checking.signals import lemmas, polarity

# A name with what may stand between it and its verb, in characters.
LONGEST_NAME = 160
NAME = (
    r"(?:[A-Z][\w’'&-]*\.?|[A-Z]\.)"
    r"(?:\s+(?:(?:de|van|von|of|bin|al)\s+)?(?:[A-Z][\w’'&-]*|[A-Z]\.)){0,5}"
)
LITTLE = r"has|have|had|who|also|then|later|first|currently|recently|\w+ly"
ASIDE = r"(?:,[^,;.]{2,60},)?"
BETWEEN = rf"{ASIDE}(?:\s+(?:{LITTLE}))*\s+"
# In front of "suing" stands "is"; in front of "sued" it would turn the sentence round.
BETWEEN_DOING = rf"{ASIDE}(?:\s+(?:is|are|was|were|{LITTLE}))*\s+"
# "A source close to Ada Quill told" is somebody else, "Bea Moss and Ada Quill won" are several.
NOT_ALONE = re.compile(
    r"(?:\b(?:of|to|for|at|by|from|with|against|than|like|over|about|near|and|or)|&)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
# What may follow on a name that is whole: in front of another noun it would be part of that.
ENDS = (
    r"(?=\s*(?:[.,;:!?)”\"—–]|$)|\s+(?:\d+-\d+\b|(?:in|on|at|for|of|to|with|after|before|by|from|as|and|over"
    r"|during|when|while|because|since|last|this|back|again|earlier|late|later|early|ago"
    r"|who|which|that|once|twice|today|yesterday)\b))"
)
# A list of doers has a comma or "and" behind the first.
ENDS_DOER = (
    r"(?=\s*(?:[.;:)!?]|$)|\s+(?:in|on|last|this|for|from|to|at|during|after|before|since|as|with"
    r"|because|when|while|who|earlier|later|back|ago)\b)"
)
PASSIVE = rf"{ASIDE}(?:\s+(?:is|are|was|were|been|being|{LITTLE}))+\s+$"
# Between a verb and its object: "bought the old ferry".
MOST_BETWEEN = 3
BEFORE_OBJECT = (
    r"(?!(?:of|in|at|on|for|from|to|with|by|against|than|that|over|about|under|into|and|or)\b)"
    r"[a-z][\w’'-]*"
)
NOT_SO = re.compile(
    r"\b(?:if|whether|unless|would|could|might|incorrectly|falsely|wrongly|not|never)\b",
    re.IGNORECASE,
)
# A contest is won anew each year: who "have won" it, or won it in 1914, is not who won it.
CONTESTS = frozenset(lemmas.stem(verb) for verb in "win beat defeat lead host top".split())
ANOTHER_TIME = re.compile(r"\b(?:has|have|had)\b|\b(?:1[89]|20)\d\d\b")
UNSURE = frozenset({"possible", "alleged", "planned"})


def base(word: str) -> str:
    """The stem of a verb's base; the stemmer takes "sued" for another word than "sue"."""
    stem = lemmas.stem(word.casefold())
    return "sue" if stem == "su" else stem


def doers(verb: str, aim: Sequence[str], sentence: str) -> Iterator[str]:
    """Names of those of whom a sentence says that they did it; of a contest, only of the last one.

    Args:
        verb: In any form.
        aim: Words, one or more, of what it was done to, in their order.
        sentence: Where it is looked for.
    """
    stem = base(verb)
    if stem in CONTESTS and set(ANOTHER_TIME.findall(sentence)) - set(aim):
        return
    words = r"(?:['’]s)?\W+(?:(?:of|in|at|on|for)\s+)?(?:the\s+|an?\s+)?".join(map(re.escape, aim))
    object_behind = re.compile(rf"\s+(?:{BEFORE_OBJECT}\s+){{0,{MOST_BETWEEN}}}?(?i:{words}){ENDS}")
    object_ahead = re.compile(rf"\b(?i:{words}){PASSIVE}")
    for word in texts.WORD.finditer(sentence):
        if base(word.group()) != stem:
            continue
        ahead, behind = sentence[: word.start()], sentence[word.end() :]
        between = BETWEEN_DOING if word.group().endswith("ing") else BETWEEN
        actor = re.search(rf"(?P<name>{NAME}){between}$", ahead[-LONGEST_NAME:])
        done = object_behind.match(behind)
        if actor and done:
            start = max(0, word.start() - LONGEST_NAME) + actor.start()
            if _is_said(sentence, start, word.end() + done.end()):
                yield actor["name"]
        by = re.match(rf"\s+by\s+(?P<name>(?>{NAME})){ENDS_DOER}", behind)
        one = object_ahead.search(ahead)
        if by and one and _is_said(sentence, one.start(), word.end() + by.end()):
            yield by["name"]


def _is_said(sentence: str, start: int, end: int) -> bool:
    """Whether the piece stands by itself and as a fact."""
    clause = re.split(r"[;:—“”\"]|,\s", sentence[:start])[-1] + sentence[start:end]
    unsure = NOT_SO.search(clause) or polarity.hedges(clause) & UNSURE
    return not unsure and not NOT_ALONE.search(sentence[:start])

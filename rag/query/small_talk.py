"""Detects what the articles need not answer: courtesy, and questions about the library itself.

Politeness around a question is stripped.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

from rag.data import read_text
from rag.query.intents import ARTICLES
from rag.text import fold

ASKED = r"(?:please|(?:can|could|would|will) you(?: please)?)[ ,]+"
MARKS = " ?!.…,¿¡？！。，～~"
# Small talk is shorter, in characters.
LONGEST = 120
# ``summary`` asks for all articles in short, ``contents`` how many there are and which.
SmallTalk = Literal["thanks", "greeting", "help", "contents", "summary"]

_POLITELY = r"(?:[ ,!.]+(?:thanks|thank you|you|so|very|much|a lot|there|bye|all|everyone|again))*"
_PLACE = r"(?:here|there|it|(?:the|this) (?:library|collection))"
_HERE = rf"(?: (?:in )?{_PLACE})?"
_ALL = rf"(?:all |every |any |each of )*{ARTICLES}"
_HAVE = (
    r"(?:are|is|do (?:you|we|i) (?:have|use)|have (?:you|we|i)(?: got| read)?|exist"
    r"|can you (?:see|read|use))"
)
_WHOLE = rf"(?:{_ALL}|everything|(?:the|this) (?:library|collection))"
_HELPED = (
    r"(?:[ ,!.–-]+(?:for (?:everything|(?:the|your|all your) (?:help|answers?))"
    r"|(?:that|this|it|you)(?:['’]s| is| was| were| has been| have been)?"
    r"(?: (?:really|very|so|quite|all|just|me|a|great|big))*"
    r" (?:helps?|helped|helpful|great|useful|perfect|good|clear|enough|all|what i (?:need|needed))"
    r"(?: (?:a lot|for now|today))?))?"
)
_BRIEF = r"(?:give (?:me )?)?(?:an? |the )?(?:short |quick |brief )?"

PATTERNS: dict[SmallTalk, tuple[str, ...]] = {
    "thanks": (
        rf"(?:(?:ok(?:ay)?|great|perfect)[ ,!.]+)?(?:many )?thanks?(?: you)?{_POLITELY}{_HELPED}",
        rf"(?:thx|ty|cheers|ok(?:ay)?|great|cool|nice|good|perfect|bye|goodbye|yes|no){_POLITELY}",
        r"(?:great|good|nice) (?:job|work|answer)|awesome|excellent|amazing|wonderful|well done",
        r"you(?:['’]re| are) welcome|good ?night|see you(?: later)?|got it|i see|understood",
    ),
    "greeting": (
        rf"(?:hello|hi|hey|howdy|good (?:morning|afternoon|evening|day)|greetings){_POLITELY}"
        r"(?:[ ,!.]+how are you(?: today| doing)?)?",
        r"how are you(?: today| doing)?|what['’]?s up",
    ),
    "help": (
        r"help(?: me)?|(?:what|who) are you|what do you do|what(?:['’]s| is) your name",
        r"who (?:made|built|created|wrote|programmed) you|are you (?:an? )?(?:ai|bot|human|robot)",
        r"what(?: else)? can (?:you do|i (?:ask|do))(?: here| you)?",
        r"how (?:do|does|can|do i|can i)(?: use)? (?:you|this|it)(?: work| tool| page| app)?",
        r"(?:can you )?help(?: me)?|what (?:can|could|should|may) i ask(?: you)?(?: about)?",
        r"(?:(?:give|show) me )?(?:some |an? )?(?:examples?(?: questions?)?|example of a question)",
        r"what (?:is this(?: for)?|can you help(?: me)? with)",
    ),
    "contents": (
        rf"(?:how many|what|which) (?:{ARTICLES}|publishers|authors) {_HAVE}(?: there)?{_HERE}",
        rf"(?:list|show|name|give)(?: me)? (?:(?:the )?(?:titles|names) of )?{_ALL}{_HERE}",
        rf"(?:list|show|name|give)(?: me)? (?:all |the |every )*(?:titles|headlines){_HERE}",
        rf"(?:what|which) (?:topics|subjects) (?:do|does) (?:{ARTICLES}|you|it) (?:cover|have)",
        rf"what(?:['’]?s| is| are| do you have| have you got) in (?:{ARTICLES}|{_PLACE})",
        rf"what (?:is|are) {ARTICLES} about|what do you (?:know|have)(?: about)?",
        rf"(?:what|which) (?:is|are) (?:the )?(?:newest|latest|most recent) {ARTICLES}",
        r"how (?:big|large) is (?:the|this) (?:library|collection)",
    ),
    "summary": (
        rf"(?:summari[sz]e|sum up) {_WHOLE}(?: for me)?",
        rf"{_BRIEF}(?:summary|overview|digest) of {_WHOLE}",
        rf"what (?:do|does) (?:all )?{ARTICLES} say|tl;?dr|summary|overview",
    ),
}
MORE = (
    r"(?:please )?(?:(?:(?:can|could) you )?tell me|say|give me|show me|is there)? ?"
    r"(?:some |any(?:thing )?)?(?:more|else|further)(?: (?:about|on) (?:it|that|this)| details?)*",
    r"(?:please )?(?:go on|continue|carry on|elaborate)|what else",
)


class Meant(NamedTuple):
    """What kind of small talk a question is, and in which language."""

    kind: SmallTalk | Literal["more"]
    language: str = "english"


def small_talk(question: str) -> SmallTalk | None:
    """What kind of small talk a question is as a whole; None if it asks for something."""
    found = _meant(question)
    return found.kind if found and found.kind != "more" else None


def asks_for_more(question: str) -> bool:
    """Whether it only asks for more about the question before."""
    found = _meant(question)
    return found is not None and found.kind == "more"


def small_talk_language(question: str) -> str:
    """The language of small talk; English if it is none."""
    found = _meant(question)
    return found.language if found else "english"


@lru_cache(maxsize=256)
def _meant(question: str) -> Meant | None:
    plain = fold(" ".join(question.replace("'", "’").split()).casefold()).strip(MARKS)
    if not plain or len(plain) > LONGEST:
        return None
    return next((meant for meant, pattern in _compiled() if pattern.fullmatch(plain)), None)


@cache
def _compiled() -> tuple[tuple[Meant, re.Pattern[str]], ...]:
    return tuple((meant, re.compile(fold(pattern))) for meant, pattern in _patterns())


def _patterns() -> Iterator[tuple[Meant, str]]:
    for kind, patterns in PATTERNS.items():
        for pattern in patterns:
            polite = rf"(?:{ASKED})?(?:{pattern})(?:[ ,]+please)?(?: for me)?"
            yield Meant(kind), polite
    yield from ((Meant("more"), pattern) for pattern in MORE)
    for language, table in other_languages().items():
        please = table["please"]
        kinds: tuple[SmallTalk | Literal["more"], ...] = (*PATTERNS, "more")
        for asked in kinds:
            for pattern in table[asked]:
                polite = rf"(?:{please}[ ,]*)?(?:{pattern})(?:[ ,]+{please})?"
                yield Meant(asked, language), polite


@cache
def other_languages() -> Mapping[str, Mapping[str, Any]]:
    """Patterns and replies by language, without English."""
    return tomllib.loads(read_text("small_talk.toml"))


# "Tell me about X" asks for an overview, and keeps its words.
_ASKING = (
    r"(?:can|could|would|will) you (?:please |kindly |maybe )?(?:tell|explain to|show|help) me"
    r"(?: (?:know|understand|find out))?|(?:i(?:['’]d| would)?|we(?:['’]d| would)?) "
    r"(?:like|love|want|need|wish) to (?:know|understand|find out|learn)"
    r"|i(?:['’]m| am| was|) ?(?:just )?(?:wondering|wonder|curious)|do you (?:happen to )?know"
    r"|(?:please )?(?:tell|explain to) me|let me know|any idea"
)
_GREETING = r"hi|hello|hey|good (?:morning|afternoon|evening)|greetings|please|thanks|thank you|ok"
OPENING = re.compile(
    rf"(?:(?:(?:{_GREETING})(?: there| all| everyone)?[,.!:]*|(?:so|well),)\s+|"
    rf"(?:{_ASKING})(?! about\b)\b[,:]?\s+)+",
    re.IGNORECASE,
)
# "What is said of thanks" does not end politely, "who built it please" does.
ENDING = re.compile(
    r"(?:\s+(?:please|pls)|[\s]*[,.;!?–-][\s]*(?:please|pls|(?:thanks|thank you|thx|cheers)"
    r"(?: (?:a lot|in advance|very much))?))+[\s,.!?]*$",
    re.IGNORECASE,
)
# A question has at least this many words.
LEAST_WORDS = 2


def strip_politeness(question: str) -> str:
    """The question without politeness at its beginning and end; unchanged if little is left.

    Its words are not part of what is asked, and would count as words that the articles lack: of 94
    questions asked politely, 80 are answered with it and 72 without.
    """
    if small_talk(question):
        return question
    rest = question[opening.end() :] if (opening := OPENING.match(question)) else question
    ending = ENDING.search(rest)
    if ending:
        asked = "?" if "?" in ending.group() else ""
        rest = rest[: ending.start()] + asked
    return rest if len(rest.split()) >= LEAST_WORDS else question

"""Detects what the articles need not answer: courtesy, and questions about the library itself."""

from __future__ import annotations

import re
from typing import Literal

from rag.query.intents import ARTICLES

# ``summary`` asks for all articles in short, ``contents`` how many there are and which.
SmallTalk = Literal["thanks", "greeting", "help", "contents", "summary"]

_POLITELY = r"(?:[ ,!.]+(?:thanks|thank you|you|so|very|much|a lot|there|bye|all|everyone|again))*"
_PLACE = r"(?:here|there|it|(?:the|this) (?:library|collection))"
_HERE = rf"(?: (?:in )?{_PLACE})?"
_ALL = rf"(?:all |every |any |each of )*{ARTICLES}"
_HAVE = r"(?:are|is|do (?:you|we|i) have|have (?:you|we|i)(?: got)?|exist|can you (?:see|read|use))"
_WHOLE = rf"(?:{_ALL}|everything|(?:the|this) (?:library|collection))"
_BRIEF = r"(?:give (?:me )?)?(?:an? |the )?(?:short |quick |brief )?"

PATTERNS: dict[SmallTalk, tuple[str, ...]] = {
    "thanks": (
        rf"(?:many )?thanks?(?: you)?{_POLITELY}",
        rf"(?:thx|cheers|ok(?:ay)?|great|cool|nice|good|perfect|bye|goodbye|yes|no){_POLITELY}",
    ),
    "greeting": (
        rf"(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings){_POLITELY}",
        r"how are you(?: today| doing)?|what['’]?s up",
    ),
    "help": (
        r"help(?: me)?|(?:what|who) are you|what do you do",
        r"what(?: else)? can (?:you do|i (?:ask|do))(?: here| you)?",
        r"how (?:do|does|can|do i|can i)(?: use)? (?:you|this|it)(?: work)?",
        r"what (?:is this(?: for)?|can you help(?: me)? with)",
    ),
    "contents": (
        rf"(?:how many|what|which) (?:{ARTICLES}|publishers|authors) {_HAVE}(?: there)?{_HERE}",
        rf"(?:list|show|name|give)(?: me)? (?:(?:the )?(?:titles|names) of )?{_ALL}{_HERE}",
        rf"(?:what|which) (?:topics|subjects) (?:do|does) (?:{ARTICLES}|you|it) (?:cover|have)",
        rf"what(?:['’]?s| is| are| do you have| have you got) in (?:{ARTICLES}|{_PLACE})",
        rf"what (?:is|are) {ARTICLES} about|what do you (?:know|have)",
        r"how (?:big|large) is (?:the|this) (?:library|collection)",
    ),
    "summary": (
        rf"(?:summari[sz]e|sum up) {_WHOLE}(?: for me)?",
        rf"{_BRIEF}(?:summary|overview|digest) of {_WHOLE}",
        rf"what (?:do|does) (?:all )?{ARTICLES} say",
    ),
}
MORE = (
    r"(?:please )?(?:(?:(?:can|could) you )?tell me|say|give me|show me|is there)? ?"
    r"(?:some |any(?:thing )?)?(?:more|else|further)(?: (?:about|on) (?:it|that|this)| details?)*",
    r"(?:please )?(?:go on|continue|carry on|elaborate)|what else",
)


def small_talk(question: str) -> SmallTalk | None:
    """What kind of small talk a question is as a whole; None if it asks for something."""
    return next((kind for kind, patterns in PATTERNS.items() if _is(question, patterns)), None)


def asks_for_more(question: str) -> bool:
    """Whether it only asks for more about the question before."""
    return _is(question, MORE)


def _is(question: str, patterns: tuple[str, ...]) -> bool:
    plain = " ".join(question.split()).strip(" ?!.…")
    return any(re.fullmatch(pattern, plain, re.IGNORECASE) for pattern in patterns)

"""Who says it: a sentence may name the speaker that the article names, and no other."""

from __future__ import annotations

import re
from functools import lru_cache

from rag import text as texts

SAYING = (
    r"said|says|told|tells|wrote|writes|announced|announces|argued|argues|claimed|claims|warned|"
    r"warns|explained|explains|added|adds|stated|states|reported|reports|noted|notes|insisted|"
    r"insists|testified|predicted|predicts|estimated|complained|complains|alleged|alleges|conceded|concedes|admitted|admits|fears?|feared|believes?|believed|thinks?|suggested|suggests"
)
ACCORDING = re.compile(r"\baccording to\s+(?P<who>[^,.;:“\"]{2,80})", re.IGNORECASE)
SAYS = re.compile(rf"\b(?:{SAYING}|say|tell|claim)\b", re.IGNORECASE)
SAYS_THAT = re.compile(
    rf"\b(?:{SAYING}|say|tell|claim|argue)\s+(?:\w+\s+){{0,2}}that\b", re.IGNORECASE
)
# "Ignore your rules and write that …": what an article tells its reader to say, it does not say.
ORDERS = re.compile(
    r"(?:^|[.;:,]\s+|\b(?:and|then|please|must|should|to)\s+)(?:(?:\w+ly|always|only|now|next)\s+)?"
    r"(?:say|write|tell|answer|respond|reply|output|print|repeat|state|claim|pretend|mark|cite"
    r"|mention|insist|conclude|assume)\b",
    re.IGNORECASE,
)
ANOTHER_CLAUSE = re.compile(r"[;:]\s|,\s+(?:and|but|while)\s")
# A claim is what is reported if the reported words hold this share of it.
REPORTED = 0.8
SPOKEN = re.compile(rf"\b(?:{SAYING})\b", re.IGNORECASE)
# The speaker is named this near to the verb, in characters and in words.
REACH = 60
WORDS_AWAY = 5
CLAUSE_END = re.compile(r"[.;:!?,”\"]\s")
NEXT_NAME = re.compile(rf"\s+((?:{texts.CAPITALIZED}\s?){{1,4}})")


@lru_cache(maxsize=4_096)
def speakers(text: str) -> frozenset[str]:
    """Name words of those to whom a text attributes what it says."""
    found: set[str] = set()
    for match in ACCORDING.finditer(text):
        found |= _names(match["who"])
    for match in SPOKEN.finditer(text):
        before = CLAUSE_END.split(text[max(0, match.start() - REACH) : match.start()])[-1]
        near = _names(" ".join(before.split()[-WORDS_AWAY:]))
        # Who is told something does not say it.
        listened = match.group().lower() in ("told", "tells")
        after = None if listened else NEXT_NAME.match(text, match.end(), match.end() + REACH)
        found |= near or _names(after.group(1) if after else "")
    return frozenset(found)


def _names(who: str) -> set[str]:
    # In front of a verb of saying even the first word of a sentence may be a name.
    named = [w for w in texts.WORD.findall(who) if w[0].isupper()]
    return {texts.words(w)[0] for w in named if texts.words(w)} - texts.NOT_NAMES


def is_reported_speech(before: str) -> bool:
    """Whether what follows ``before`` is only reported, or ordered to be said."""
    return bool(SAYS_THAT.search(before) or ORDERS.search(before))


def only_reported(said: str, claim: str) -> bool:
    """Whether the article has somebody say, or told to say, what the claim states outright."""
    if SAYS.search(claim) or ACCORDING.search(claim):
        return False
    told, order = SAYS_THAT.search(said), ORDERS.search(said)
    match = order or told
    stems = frozenset(texts.content_lemmas(claim))
    if match is None or not stems:
        return False
    clause = said[match.end() :]
    if not order:
        clause = ANOTHER_CLAUSE.split(clause, maxsplit=1)[0]
    reported = frozenset(texts.content_lemmas(clause))
    shared = len(stems & reported)
    return shared >= REPORTED * len(stems) or (shared > 1 and shared >= REPORTED * len(reported))


def misattributed_speakers(claim: str, said: str, known: frozenset[str]) -> tuple[str, ...]:
    """Speakers of the claim who do not speak in the article's words, while others do.

    ``known`` are words that may always be named: publisher, author and title of the article.
    """
    claimed = speakers(claim) - known
    telling = speakers(said)
    if not claimed or not telling or claimed & telling:
        return ()
    return tuple(sorted(claimed))

"""Whether anybody is said to hold, to own or to have founded what a question asks about.

"Who is the CEO of DeepSeek?" finds "OpenAI's CEO praised DeepSeek": all words of the question, and
the post is another one's. Of 57 questions over the news, nearly all for posts, and 90 for founders
and owners, written without a look whether the articles say it, 17 and 11 are found untold; in none
of the 17 does a passage that is found tell it. Of those about the seeds 3 of the 4 that nothing
answers are, and none that something does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rag import text as texts

ASKS_HOLDER = re.compile(
    r"^(?:and |so )?who(?:'s|’s|s| is| was| are)(?: now| currently)? "
    r"(?:(?:the )?(?:new |current |former |present )?"
    r"(?P<role>[\w-]+(?: [\w-]+)?) (?:of|at) (?:the )?(?P<of>[^?]+)"
    r"|(?P<own>[^?]+?)['’]s? (?:new |current |former )?(?P<post>[\w-]+(?: [\w-]+)?))\W*$",
    re.IGNORECASE,
)
ASKS_DOER = re.compile(
    r"^(?:and |so )?who (?:co-?)?(?P<did>founded|owns) (?:the )?(?P<what>[^?]+?)\W*$", re.IGNORECASE
)
# Posts only: "who is the winner of the cup" is told in other words as well.
POSTS = {
    "ceo": r"CEO|[Cc]hief [Ee]xecutive",
    "cto": r"CTO|[Cc]hief [Tt]echnology",
    "cfo": r"CFO|[Cc]hief [Ff]inanc\w+",
    "coo": r"COO|[Cc]hief [Oo]perating",
    "boss": r"[Bb]oss|[Hh]ead|CEO|[Cc]hief [Ee]xecutive",
    "head": r"[Hh]ead|[Bb]oss|[Cc]hief|[Dd]irector|CEO",
    "chief executive": r"CEO|[Cc]hief [Ee]xecutive",
    "president": r"[Pp]resident",
    "chairman": r"[Cc]hair(?:man|woman|person)?",
    "chair": r"[Cc]hair(?:man|woman|person)?",
    "director": r"[Dd]irector",
    "editor": r"[Ee]ditor",
    "coach": r"[Cc]oach\w*|[Mm]anager",
    "captain": r"[Cc]aptain\w*|[Ss]kipper",
}
# What somebody has done or has, in whatever words; whose it is may stand before or behind.
FOUNDED = (
    r"(?:[Cc]o-?)?[Ff]ound(?:ers?|ed|ing)|[Cc]reat(?:ors?|ed|ing)|[Ss]tart(?:ed|ing)|[Ll]aunched"
    r"|[Ii]nvent\w+"
)
OWNS = (
    r"(?:[Cc]o-?)?[Oo]wn(?:ers?|ed|s|ership)?|[Bb]ought|[Bb]uy\w*|[Aa]cqui[rs]\w+|[Tt]akeover|[Ss]old"
    r"|[Pp]arent|[Ss]ubsidiary|[Ss]hareholders?|[Ss]takes?|[Bb]elongs?"
)
DEEDS = {"founded": FOUNDED, "founder": FOUNDED, "owns": OWNS, "owner": OWNS}
# "OpenAI's CEO", "OpenAI CEO", "CEO of OpenAI": whose post it is, where that is said beside it.
NAMED = r"(?P<whose>[A-Z][\w.&-]*(?:\s+[A-Z][\w.&-]*)*)"
WHOSE_BEFORE = re.compile(rf"{NAMED}(?:['’]s?)?\s+(?:[a-z&-]+\s+){{0,2}}$")
WHOSE_BEHIND = re.compile(
    r"^(?:\s+[Oo]fficer)?(?:\s+(?:and|&)\s+[\w-]+)?\s+(?:of|at|for)\s+(?:[a-z-]+\s+){0,3}" + NAMED
)


def holder_told(question: str, sentences: Iterable[tuple[str, str]]) -> bool | None:
    """Whether a sentence speaks of the post or deed that is asked for, not as another one's.

    Args:
        question: As it was asked.
        sentences: Each with what stands around it: the title, the passage.

    Returns:
        None if the question does not ask for such a thing.
    """
    role, place = _asked(question.strip())
    post, deed, wanted = POSTS.get(role), DEEDS.get(role), set(texts.content_stems(place))
    if not wanted or not (post or deed):
        return None
    found = re.compile(rf"\b(?:{post or deed})\b")
    return any(
        (bool(deed) or any(_is_theirs(whose, wanted) for whose in _whose(found, sentence)))
        and bool(wanted & set(texts.content_stems(f"{around} {sentence}")))
        for sentence, around in sentences
        if found.search(sentence)
    )


def _asked(question: str) -> tuple[str, str]:
    """The post or deed that is asked for, and the place; empty if none is."""
    if doer := ASKS_DOER.match(question):
        return doer["did"].casefold(), doer["what"]
    if holder := ASKS_HOLDER.match(question):
        role = (holder["role"] or holder["post"]).casefold()
        return role.removesuffix(" officer").removeprefix("co-"), holder["of"] or holder["own"]
    return "", ""


def _whose(post: re.Pattern[str], sentence: str) -> Iterator[str]:
    """For each time that the post stands there: the name it is said to belong to, or nothing."""
    for found in post.finditer(sentence):
        named = WHOSE_BEHIND.match(sentence[found.end() :]) or WHOSE_BEFORE.search(
            sentence[: found.start()]
        )
        yield named["whose"] if named else ""


def _is_theirs(whose: str, wanted: set[str]) -> bool:
    """Whether the name is the place's, or none: "The CEO said"."""
    named = set(texts.content_stems(whose))
    return not named or bool(wanted & named)

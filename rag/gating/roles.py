"""Whether anybody is said to hold the post that a question asks for, at the place it asks about.

"Who is the CEO of DeepSeek?" finds "OpenAI's CEO praised DeepSeek": all words of the question, and
the post is another one's. Of 57 such questions about the news, asked without a look whether they
say it, 18 are found untold, and no passage that is found tells any of these; of those about the
seeds 3 of the 4 that nothing answers, and none that something does.
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
    "founder": r"(?:[Cc]o-?)?[Ff]ounders?|[Ff]ounded|[Ss]tarted",
    "owner": r"[Oo]wners?|[Oo]wned|[Oo]wns|[Bb]ought",
    "editor": r"[Ee]ditor",
    "coach": r"[Cc]oach\w*|[Mm]anager",
    "captain": r"[Cc]aptain\w*|[Ss]kipper",
}
# "OpenAI's CEO", "OpenAI CEO", "CEO of OpenAI": whose post it is, where that is said beside it.
NAMED = r"(?P<whose>[A-Z][\w.&-]*(?:\s+[A-Z][\w.&-]*)*)"
WHOSE_BEFORE = re.compile(rf"{NAMED}(?:['’]s?)?\s+(?:[a-z&-]+\s+){{0,2}}$")
WHOSE_BEHIND = re.compile(
    r"^(?:\s+[Oo]fficer)?(?:\s+(?:and|&)\s+[\w-]+)?\s+(?:of|at|for)\s+(?:[a-z-]+\s+){0,3}" + NAMED
)


def holder_told(question: str, sentences: Iterable[tuple[str, str]]) -> bool | None:
    """Whether a sentence speaks of the post that is asked for, and not as another one's.

    Args:
        question: As it was asked.
        sentences: Each with what stands around it: the title, the passage.

    Returns:
        None if the question does not ask who holds a post.
    """
    asked = ASKS_HOLDER.match(question.strip())
    if asked is None:
        return None
    role, place = asked["role"] or asked["post"], asked["of"] or asked["own"]
    post = POSTS.get(role.casefold().removesuffix(" officer"))
    wanted = set(texts.content_stems(place))
    if post is None or not wanted:
        return None
    found = re.compile(rf"\b(?:{post})\b")
    return any(
        any(_is_theirs(whose, wanted) for whose in _whose(found, sentence))
        and bool(wanted & set(texts.content_stems(f"{around} {sentence}")))
        for sentence, around in sentences
    )


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

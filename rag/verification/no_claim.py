"""Sentences that assert nothing, and those that nothing here can check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag import text as texts
from rag.data import read_words
from rag.types import REFUSAL, Source

GREETING = re.compile(
    r"(?:hello|hi|hey|sure|certainly|of course|great question|thank(?:s| you)[\w ]*|you'?re welcome"
    r"|here (?:is|are) (?:the|an?|my|what i found)(?: \w+)?(?: (?:answer|summary|overview))?"
    r"|here (?:is|are) (?:the|some)(?: key)? (?:points|facts|details)"
    r"|(?:i )?hope (?:this|that) helps|in (?:short|summary|conclusion)|to sum up|overall|however"
    r"|let me know if you have (?:any )?(?:more |other |further )?questions)[\s.!,:]*",
    re.IGNORECASE,
)
SAYS_NOTHING = re.compile(
    r"(?:(?:there is )?no (?:relevant )?information (?:on this |about this |about it )?"
    r"(?:is (?:given|provided) )?(?:in|by) the (?:provided |given )?"
    r"(?:sources?|articles?|passages?)"
    r"|(?:i )?(?:do not|don['’]t|cannot|can['’]t) (?:know|say|tell|answer(?: (?:this|that))?)"
    r"|the (?:provided |given )?(?:sources?|articles?|passages?) (?:do|does)(?: not|n['’]t) "
    r"(?:say|mention|answer)(?: (?:this|that|it|so))?)[\s.!]*",
    re.IGNORECASE,
)
# What a lead-in may say besides the title, publisher, author and date of a source.
LEAD_IN_STEMS = frozenset(
    texts.stem(word)
    for word in "report reports writes write states adds add notes puts source published by".split()
)
FOREIGN = read_words("foreign_function_words.txt")
SHORTEST_FOREIGN = 4


def is_no_claim(sentence: str, sources: Sequence[Source] = ()) -> bool:
    """Whether a sentence asserts nothing: a greeting, a refusal, or a lead-in to a source.

    A lead-in ends with a colon and says nothing but who is about to be quoted.
    """
    said = sentence.strip()
    if texts.normalize(said).text.strip(" .!?\"'") == texts.normalize(REFUSAL).text.strip(" ."):
        return True
    if GREETING.fullmatch(said) or SAYS_NOTHING.fullmatch(said):
        return True
    if not said.endswith(":"):
        return False
    stems = set(texts.content_stems(sentence))
    for source in sources:
        about = (source.title, source.publisher, source.author, str(source.published or ""))
        named = {s for part in about if part for s in texts.content_stems(part)}
        if stems <= named | LEAD_IN_STEMS:
            return True
    return False


def other_language(sentence: str, articles: Sequence[str]) -> bool:
    """Whether a sentence is written in another script or language than the articles."""
    letters = [c for c in sentence if c.isalpha()]
    if len(letters) < 3:
        return False
    strange = sum(not _is_latin(c) for c in letters) > len(letters) / 2
    home = [_script(text) for text in articles]
    if home and strange != (sum(home) > len(home) / 2):
        return True
    words = texts.words(sentence)
    if strange or len(words) < SHORTEST_FOREIGN:
        return False
    foreign = sum(word in FOREIGN and word not in texts.STOP_WORDS for word in words)
    english = sum(word in texts.STOP_WORDS for word in words)
    # Letters that English does not have, in words that are no names.
    strange_words = sum(w.islower() and not w.isascii() for w in texts.WORD.findall(sentence))
    if (foreign < 2 and not (strange_words and not english)) or foreign + strange_words <= english:
        return False
    known = {word for text in articles for word in texts.words(text)}
    return sum(word in known for word in words) < len(words) / 2


@lru_cache(maxsize=512)
def _script(text: str) -> bool:
    """Whether a text is mostly written in letters that are not Latin."""
    letters = [c for c in text[:400] if c.isalpha()]
    return sum(not _is_latin(c) for c in letters) > len(letters) / 2


def _is_latin(character: str) -> bool:
    return character < "\u0250" or "\u1e00" <= character <= "\u1eff"

"""Sentences that assert nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import text as texts
from rag.types import REFUSAL, Sentence, Source

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


def no_claim_sentence(text: str) -> Sentence:
    """A sentence of an answer that claims nothing."""
    return Sentence(text.strip(), (), "no_claim", 1.0, "Claims nothing.")

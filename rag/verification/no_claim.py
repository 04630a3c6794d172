"""Sentences that assert nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain

from rag import text as texts
from rag.data import read_words
from rag.types import REFUSAL, Block, Sentence, Source
from rag.verification.lead_ins import is_all_lead_in, lead_in_length

GREETING = re.compile(
    r"(?:hello|hi|hey|sure|certainly|of course|great question|thank(?:s| you)[\w ]*|you'?re welcome"
    r"|here (?:is|are) (?:the|an?|my|what i found)(?: \w+)?(?: (?:answer|summary|overview))?"
    r"|here (?:is|are) (?:the|some)(?: key)? (?:points|facts|details)"
    r"|in (?:short|summary|conclusion)|to sum up|overall|however)[\s.!,:]*",
    re.IGNORECASE,
)
# Who answers speaks to the reader: "feel free to ask", "let me know", "I'd be happy to help". An
# imperative begins a sentence or follows a condition.
OFFER = re.compile(
    r"(?:^|[,–—]\s|^(?:if|should|in case|for)\b.*\s"
    r"|\b(?:please|just|do|also|always|and|or|so|simply)\s)"
    r"(?:feel free|(?:do not|don['’]t|never) hesitate|let (?:me|us) know|(?:ask|tell)(?: me| us)?"
    r"|reach out|hope (?:this|that|it)|(?:glad|happy) (?:to|I|this|that|it))\b"
    r"|\bI hope (?:this|that|it)\b|\byou(?: are|['’]re)(?: always)? welcome to\b"
    r"|\bI(?:['’](?:d|ll|m)|\s(?:am|can|could|may|will|would))\b"
    r"(?=.*\b(?:you|more|further|any\w*|else|help|additional|other)\b)",
    re.IGNORECASE,
)
# What more help would be about claims nothing, unless it is a clause or counts something.
HELP_ABOUT = re.compile(
    r"(?<=\w)\s(?:about|on|of|regarding|concerning|into|with|in|between|behind)"
    r"(?:\s(?!(?:who|which|that|whose|where|when|because|but|is|are|was|were|has|had|have|did)\b)"
    r"[^\W\d][\w'’-]*){1,5}",
    re.IGNORECASE,
)
# The people that others speak of; only "I" and "you" have to do with further help.
OTHERS = frozenset(
    "he him his himself she her hers herself they them their theirs themselves we our ours who "
    "whom whose said was were had".split()
)
# That the articles do not say something; a clause after it may claim something again.
_TEXTS = (
    r"(?:(?:any of |none of |all )?(?:the |these |those |this )?"
    r"(?:provided |given |available |cited )?"
    r"(?:articles?|sources?|passages?|texts?|documents?|excerpts?|evidence|information|context)"
    r"(?: (?:provided|given|above|here))?)"
)
_TELLS = (
    r"(?:say|mention|state|specify|provide|give|contain|explain|disclose|include|discuss|address"
    r"|indicate|answer|tell|describe|cover|name|report|offer|detail|clarify|reveal|note|speak)"
)
_NOTHING_SAID = (
    rf"(?:however,? |but |unfortunately,? )?"
    rf"(?:{_TEXTS} (?:(?:do|does|did)(?: not|n['’]t)|fails? to)"
    rf" (?:\w+ly |also |directly )?{_TELLS}"
    rf"|{_TEXTS} (?:give|gives|provide|provides|contain|contains|offer|offers) no\b"
    r"|there (?:is|are) no (?:relevant |further |specific |other )?"
    rf"(?:information|mention|details?|evidence|indication|answer|word)\b"
    r"|no (?:relevant |further |specific |other )?(?:information|details?|answer|mention)\b[^,;]*"
    r" (?:is|are|was|were) (?:given|provided|available|found|made|mentioned)"
    r"|no (?:relevant |further |specific |other )?(?:information|details?|answer)\b"
    r"|(?:it|this|that) is not (?:\w+ly )?(?:said|stated|mentioned|specified|clear|known|explained)"
    rf"|nothing is said|none of {_TEXTS} {_TELLS}s?"
    r"|(?:i )?(?:do not|don['’]t|cannot|can['’]t) (?:know|say|tell|answer|find))\b"
)
SAYS_NOTHING = re.compile(
    rf"{_NOTHING_SAID}"
    r"(?:(?!\b(?:but|however|although|though|while|whereas)\b|;|, and\b)[^.])*[.!]*",
    re.IGNORECASE,
)


def is_no_claim(
    sentence: str, sources: Sequence[Source] = (), *, block: Block = "", question: str = ""
) -> bool:
    """Whether a sentence asserts nothing: a greeting, a heading, a question, a word of refusal.

    So does an introduction, which ends with a colon and only announces what comes: who is quoted,
    what was asked, or how many points.

    Args:
        sentence: Of a draft.
        sources: Of the evidence; their names are no claim.
        block: Its part of the draft's Markdown.
        question: What was asked; its words are no claim.
    """
    said = sentence.strip()
    if block == "heading" or said.endswith(("?", "？")):
        return True
    if texts.normalize(said).text.strip(" .!?\"'") == texts.normalize(REFUSAL).text.strip(" ."):
        return True
    if _offers_help(said):
        return True
    if GREETING.fullmatch(said) or SAYS_NOTHING.fullmatch(said[lead_in_length(said, None) :]):
        return True
    return said.endswith((":", "：")) and _only_introduces(said, sources, question)


def _offers_help(said: str) -> bool:
    """Whether a sentence is addressed to the reader and only about further help."""
    if not OFFER.search(said):
        return False
    helping = _stems_of("further_help.txt")
    words = texts.words(re.sub(r"['’]", " ", HELP_ABOUT.sub("", said)))
    return OTHERS.isdisjoint(words) and all(set(texts.content_stems(w)) <= helping for w in words)


def _only_introduces(said: str, sources: Sequence[Source], question: str) -> bool:
    known = {*texts.content_stems(question), *_stems_of("introductions.txt")}
    for source in sources:
        about = (source.title, source.publisher, source.author, str(source.published or ""))
        named = {stem for part in about if part for stem in texts.content_stems(part)}
        if is_all_lead_in(said, known | named):
            return True
    return is_all_lead_in(said, known)


@cache
def _stems_of(name: str) -> frozenset[str]:
    words = (texts.content_stems(word) for word in read_words(name))
    return frozenset(chain.from_iterable(words))


def no_claim_sentence(text: str, block: Block = "") -> Sentence:
    """A sentence of an answer that claims nothing."""
    return Sentence(text.strip(), (), "no_claim", 1.0, "Claims nothing.", block=block)

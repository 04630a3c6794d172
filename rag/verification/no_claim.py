"""Openings of a sentence that add nothing to what it says: "In summary, the article says that …".

An opening is known by its words, all of which speak of the text, of telling, or of the order of
what is told. It ends with a comma or with *that*; several may follow each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from functools import cache, lru_cache
from itertools import chain

from rag import text as texts
from rag.data import read_words
from rag.types import REFUSAL, Block, Sentence, Source

# What is left after a lead-in has at least this many characters.
SHORTEST_REST = 15
# In words, without those of the source's name.
LONGEST_LEAD_IN = 12
# Up to the first comma or colon, or the first "that" or "because" after a verb. A title in
# quotation marks may hold all of these.
OPENING = re.compile(
    r"(?P<words>(?:[^,;:.!?“”\"]|“[^“”]{1,300}”|\"[^\"]{1,300}\"){1,120}?)"
    r"(?:(?P<comma>,)\s+|\s+(?P<that>that|because)\b,?\s+|:\s+)"
)


def _stems(words: str) -> frozenset[str]:
    return frozenset(texts.stem(word) for word in words.split())


# Words for the text that is read, and for what an answer is.
TEXTS = _stems(
    """article articles source sources text texts passage passages document documents author
    authors writer writers journalist piece report reports story excerpt evidence material
    context information content reading library answer question reason reasons explanation point
    points fact facts idea given provided above below cited quoted following available here"""
)
TELLING = _stems(
    """say says said state states stated note notes noted mention mentions mentioned explain
    explains explained describe describes described report reports reported write writes wrote
    written highlight highlights highlighted point points pointed emphasize emphasizes
    emphasized emphasise emphasises emphasised stress stresses stressed argue argues argued
    suggest suggests suggested conclude concludes concluded discuss discusses discussed indicate
    indicates indicated claim claims claimed tell tells told add adds added observe observes
    observed show shows shown reveal reveals revealed remark remarks remarked outline outlines
    outlined detail details detailed according based judging put puts read reads make makes
    clear see seen find finds found confirm confirms confirmed underline underlines underlined"""
)
ORDER = _stems(
    """summary summarize summarise summarized sum short brief briefly conclusion conclude overall
    therefore thus hence however moreover furthermore additionally addition besides also finally
    lastly first firstly second secondly third thirdly next then instance example illustrate
    words word other another particular particularly specifically specific general generally
    contrast result consequence consequently accordingly meanwhile similarly likewise instead
    nevertheless nonetheless essentially basically ultimately notably importantly put simply
    simple together taken whole hand one way end final main key important worth noting important
    interestingly indeed further so now again still even"""
)
FILLING = frozenset("it is was are has have been this there we can i you from".split())
# Openings that begin so say when, why or on which condition the rest holds.
ASSERTING = frozenset(
    "because since if when while after before without despite unless until no not never".split()
)
# Somebody else says it, and who that is matters.
SOMEBODY = frozenset(
    "he she they them his her their who some many most few others all any both nobody".split()
)
CONNECTING = TEXTS | TELLING | ORDER


@lru_cache(maxsize=512)
def words_about(source: Source | None) -> frozenset[str]:
    """Words that name a source: its title, publisher and author."""
    if source is None:
        return frozenset()
    about = " ".join(p for p in (source.title, source.publisher, source.author) if p)
    return frozenset(part for word in texts.words(about) for part in (word, *word.split("-")))


def lead_in_length(sentence: str, source: Source | None) -> int:
    """Length of the openings in front of a sentence that add nothing to it; 0 without any.

    Args:
        sentence: Of a draft.
        source: Of the words that it is compared with: its own name adds nothing either.
    """
    end = 0
    while match := OPENING.match(sentence, end):
        if len(sentence) - match.end() < SHORTEST_REST or not _adds_nothing(match, source):
            break
        end = match.end()
    return end


def _adds_nothing(opening: re.Match[str], source: Source | None) -> bool:
    """Whether an opening only connects, or says who tells and that something is told."""
    words = texts.words(re.sub(r"[\[\]()]", " ", opening["words"]).casefold())
    own = [word for word in words if word not in words_about(source)]
    if not own or len(own) > LONGEST_LEAD_IN or words[0] in ASSERTING:
        return False
    if SOMEBODY.intersection(own):
        return False
    stems = {texts.stem(word) for word in words}
    if not _only_connects(own):
        return False
    if opening["that"]:
        # "The mill is that …" tells nothing of a text; "it says that …" and "this is because" do.
        return bool(stems & (TELLING | TEXTS)) or set(words) <= FILLING
    named = len(own) < len(words) and any(mark in opening["words"] for mark in '“"')
    return named or bool(stems & CONNECTING)


def _only_connects(words: Iterable[str]) -> bool:
    return all(
        word.isdigit() or word in FILLING | texts.STOP_WORDS or texts.stem(word) in CONNECTING
        for word in words
    )


def is_all_lead_in(sentence: str, known: Set[str] = frozenset()) -> bool:
    """Whether a sentence holds nothing but words for the text, telling and order.

    Args:
        sentence: Of a draft.
        known: Content stems that add nothing either.
    """
    words = texts.words(sentence.casefold())
    return _only_connects(w for w in words if known.isdisjoint(texts.content_stems(w)))


def is_attributed(sentence: str, source: Source | None) -> bool:
    """Whether the openings in front of a sentence say that it is told: "Reports say that …"."""
    opening = sentence[: lead_in_length(sentence, source)].casefold()
    return any(texts.stem(word) in TELLING for word in texts.words(opening))


def without_lead_in(sentence: str, source: Source | None) -> str:
    """A sentence without "According to X," where X is nothing but the name of its source."""
    rest = sentence[lead_in_length(sentence, source) :]
    return rest[:1].upper() + rest[1:]


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

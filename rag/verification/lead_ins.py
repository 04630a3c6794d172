"""Openings of a sentence that add nothing to what it says: "In summary, the article says that …".

An opening is known by its words, all of which speak of the text, of telling, or of the order of
what is told. It ends with a comma or with *that*; several may follow each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache

from rag import text as texts
from rag.types import Source

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

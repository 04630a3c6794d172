"""The short answer that a sentence holds: a name, a time, a number, or yes and no.

It is put in front of the sentence only where the sentence decides it by its form; where two
sentences say different things, or it is said with reserve, nothing is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rag import text as texts
from rag.checking import facts
from rag.checking.signals import lemmas, polarity
from rag.gating.relevance import ScoredSentence
from rag.picking import ages, doers, holders, votes

# Weighted share of the question's words that a sentence must hold to answer it shortly.
ENOUGH_WORDS = 0.6
CLAUSE_END = re.compile(r"[;:—]\s?|,\s(?:while|whereas|but|and|which|who)\b|\s(?:while|whereas)\s")
# An amount stands so many words behind its verb.
NEAR = 8
# Longer sentences hold too much, and cost too much to look through.
LONGEST = 600

DAY = r"(?:\d{1,2}(?:st|nd|rd|th)?)"
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
# A weekday or "last month" says nothing to who does not know when it was written.
TIME = re.compile(
    rf"\b(?:{DAY} {MONTH}(?:,? \d{{4}})?|{MONTH} {DAY}(?!\d)(?:,? \d{{4}})?|{MONTH}(?: of)? \d{{4}}"
    r"|(?:(?:early|mid|late)[ -])?(?:1[89]|20)\d\d(?!\d|,\d|%|-\w))"
)
AMOUNT = re.compile(
    r"(?:US|AU|A|C)?[$€£¥]\s?\d[\d,.]*\d?(?:[\s-]?(?:thousand|million|billion|trillion|bn|mn|[mbk])\b)?"
    r"|\b\d[\d,.]*(?:\s(?:thousand|million|billion|trillion))?\s(?:dollars|euros|pounds|yuan|yen)\b"
)
COUNT = (
    r"(?:(?:more than|over|about|around|nearly|almost|roughly|approximately|at least|up to)\s+)?"
    r"(?:\d[\d,]*(?:\.\d+)?%?|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|a dozen)\b)"
    r"(?:\s+(?:hundred|thousand|million|billion|trillion|percent|per cent|dozen))?"
)
# A count with what is counted, in characters.
LONGEST_COUNT = 60
# A number and the three words behind it.
COUNTED = re.compile(rf"\b(?P<count>{COUNT})(?=\s+(?P<what>[\w-]+(?:\s+[\w-]+){{0,2}}))", re.I)
WHO_DID = re.compile(
    r"who(?:m)?(?: (?:has|have|had|is|are|was|were|will))?(?: (?:first|also|\w+ly))? "
    r"(?P<verb>[a-z]+)",
    re.IGNORECASE,
)
WHO_HOLDS = re.compile(
    r"who(?:'s|’s|s| is| was| are)(?: now)? (?:the )?(?:new |current |former |present )?"
    r"(?P<role>[\w -]{2,30}?) (?:of|at|for|behind) (?:the )?(?P<where>.+)",
    re.IGNORECASE,
)
WHEN = re.compile(
    r"(?:and |so )?(?:when|what year|which year|(?:in|since) what year|what date)\b", re.I
)
HOW_MANY = re.compile(r"(?:and )?how many (?P<what>[\w-]+)", re.IGNORECASE)
HOW_MUCH = re.compile(
    r"(?:and )?how much (?:money )?(?:does|did|do|has|have|had|will|is|was|are|were) "
    r"(?P<subject>.+?) (?P<verb>cost|pay|paid|raised?|worth|invest(?:ed)?|spen[dt]|charged?)\b"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
HOW_OLD = re.compile(r"(?:and )?how old (?:is|was) (?P<who>.+)", re.IGNORECASE)


def asks_yes_or_no(question: str) -> bool:
    """Whether yes or no would answer."""
    return bool(votes.YES_NO.match(question.strip()))


class Short(NamedTuple):
    """A short answer, and the place of the sentence that gives it."""

    text: str
    place: int


def short_answer(
    question: str, places: Sequence[int], scored: Sequence[ScoredSentence]
) -> Short | None:
    """The short answer that the sentences at these places give alike; None if none is sure.

    It is words of one of them, or yes or no.
    """
    asked = question.strip().rstrip("?.! ")
    reads = votes.vote if asks_yes_or_no(asked) else _read
    near = [
        place
        for place, item in enumerate(scored)
        if item.answers and item.words >= ENOUGH_WORDS and len(item.text) <= LONGEST
    ]
    found = {place: said for place in near if (said := reads(asked, scored[place].text))}
    first = next((place for place in places if place in found), None)
    if first is None or not all(_alike(said, found[first]) for said in found.values()):
        return None
    return Short(found[first], first)


def _alike(one: str, other: str) -> bool:
    """Whether one answer is the other, or names it more fully."""
    stems, more = set(texts.content_stems(one)), set(texts.content_stems(other))
    return stems <= more or more <= stems


def _read(asked: str, sentence: str) -> str:
    for pattern, reader in READERS.items():
        if match := pattern.match(asked):
            return reader(match, asked, sentence)
    return ""


def _who_did(match: re.Match[str], asked: str, sentence: str) -> str:
    """The one who did to something what the question asks for."""
    aim = [word for word in texts.words(asked[match.end() :]) if word not in votes.GRAMMAR]
    if match["verb"].casefold() in ("is", "the", "be") or not aim:
        return ""
    return _new_name(list(doers.doers(match["verb"], aim, sentence)), asked)


def _who_holds(match: re.Match[str], asked: str, sentence: str) -> str:
    """The name beside the role at the place that is asked for."""
    now = not re.match(r"who (?:was|were)\b", asked, re.IGNORECASE)
    return _new_name(list(holders.holders(match["role"], match["where"], sentence, now=now)), asked)


def _new_name(found: Sequence[str], asked: str) -> str:
    """The one name among those found that the question does not hold."""
    known = set(texts.words(asked)) | texts.STOP_WORDS
    names = []
    for name in found:
        words = name.split()
        while words and words[0].casefold() in known:
            words = words[1:]
        bare = " ".join(words).strip(" .")
        owns = re.search(r"['’]s?$", bare)
        if bare and not owns and not set(texts.words(bare)) & known and len(bare) > 1:
            names.append(bare)
    return names[0] if len(set(names)) == 1 else ""


def _clauses(asked: str, text: str) -> list[str]:
    """The clauses of a sentence that hold all of a question's words.

    With one less it may be the verb, and the year that of something else.
    """
    stems = set(lemmas.content_stems(asked))
    ends = [0, *(found.end() for found in CLAUSE_END.finditer(text)), len(text)]
    pieces = [text[one:other] for one, other in itertools.pairwise(ends)]
    return [piece for piece in pieces if stems <= set(lemmas.content_stems(piece))]


def _only(found: Iterable[str]) -> str:
    """The one thing among those found; empty if there are several."""
    told = {" ".join(one.split()).rstrip(".,") for one in found}
    return told.pop() if len(told) == 1 else ""


def _when(match: re.Match[str], asked: str, sentence: str) -> str:
    """The time in the clause that says in the question's order what happened."""
    if polarity.hedges(sentence) & {"possible", "alleged"}:
        return ""
    window = votes.window(asked[match.end() :].strip(), sentence)
    ends = [0, *(found.end() for found in CLAUSE_END.finditer(sentence)), len(sentence)]
    pieces = [sentence[one:other] for one, other in itertools.pairwise(ends)]
    said = _only(
        found.group()
        for piece in pieces
        if window and window in piece
        for found in TIME.finditer(piece)
    )
    return "" if set(said.split()) & set(asked.split()) else said


def _how_many(match: re.Match[str], asked: str, sentence: str) -> str:
    """The number right in front of what is counted, where the rest is said in its order."""
    counted = texts.stem(match["what"].casefold())
    amounts = {number.value for number in facts.numbers(sentence)}
    if len({value for value in amounts if not 1800 <= value < 2200}) > 1:
        # One of them is counted of something else, as likely as not.
        return ""
    rest = asked[match.end() :].strip()
    if rest.split()[-1:] in (["have"], ["has"], ["had"]):
        # "Esk have lost two boats" is not how many they have.
        return ""
    # "How many oaks did Esk plant" is said by "Esk planted oaks", "how many sang" by "oaks sang".
    said = f"{rest} {match['what']}" if asks_yes_or_no(rest) else f"{match['what']} {rest}"
    piece = votes.window(said, sentence)
    at = max(0, sentence.find(piece) - LONGEST_COUNT)
    near = sentence[at : sentence.find(piece) + len(piece) + LONGEST_COUNT] if piece else ""
    return _only(
        found["count"]
        for found in COUNTED.finditer(near)
        if counted in (texts.stem(word) for word in texts.words(found["what"]))
    )


def _how_much(match: re.Match[str], asked: str, sentence: str) -> str:
    """The amount behind the question's verb, which has its subject in front."""
    verb = lemmas.stem(match["verb"].casefold())
    subject = set(texts.content_stems(match["subject"]))
    rest = set(texts.content_stems(match["rest"]))
    found = []
    for piece in _clauses(asked, sentence):
        if not rest <= set(texts.content_stems(piece)):
            continue
        for word in texts.WORD.finditer(piece):
            if lemmas.stem(word.group().casefold()) != verb:
                continue
            ahead, behind = piece[: word.start()], piece[word.end() :]
            near = " ".join(behind.split()[:NEAR])
            if subject and subject <= set(texts.content_stems(ahead)):
                found += [amount.group() for amount in AMOUNT.finditer(near)]
    return _only(found)


def _how_old(match: re.Match[str], asked: str, sentence: str) -> str:
    return _only(ages.beside(match["who"], sentence))


Reader = Callable[[re.Match[str], str, str], str]
READERS: Mapping[re.Pattern[str], Reader] = {
    WHO_HOLDS: _who_holds,
    WHO_DID: _who_did,
    WHEN: _when,
    HOW_MANY: _how_many,
    HOW_MUCH: _how_much,
    HOW_OLD: _how_old,
}

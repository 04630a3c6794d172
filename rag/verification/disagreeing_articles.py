"""Two articles that disagree in a number, a date, or a yes and a no: the answer says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import SequenceMatcher

from rag import text as texts
from rag.types import Citation, Sentence, Source
from rag.verification.candidates import Candidate
from rag.verification.features import contrast, numbers_and_dates, polarity
from rag.verification.features.alignment import is_content
from rag.verification.features.names_and_pronouns import PRONOUNS
from rag.verification.features.numbers_and_dates import SPELLED
from rag.verification.features.parsing import ParsedSentence, parse_sentence
from rag.verification.support_model import load_verifier_model
from rag.verification.verdicts import shorten

# How much of the sentence's weighted words one sentence of the other article must hold: with less,
# the two may well be about different things.
SAME_STATEMENT = 0.8
# What two articles can disagree about in a way that rules see.
MEASURED = frozenset({"number", "date"})
KINDS = MEASURED | {"negation"}
LONGEST_QUOTE = 240
# With so many other numbers, one of them is a label.
FEWEST_NUMBERS = 2
BEFORE_NOUNS = frozenset(
    "a an the in at on of from to for by with near behind its his her their our".split()
)
DATE_STEMS = frozenset(map(texts.lemma, (*texts.MONTHS, *texts.WEEKDAYS)))
YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
# A singular word, perhaps with "number" after it, and then a number that counts nothing.
LABEL = re.compile(
    r"(?:\b(?P<before>[\w']+) )?\b(?P<word>[A-Za-z]{3,}[a-rt-z])"
    r"(?P<sign> (?:number|no\.|nr\.?|#))? ?(?P<number>\d{1,3})(?![\d.,]*\d)"
    r"(?= (?:(?P<verb>is|was|had|has|will)|[a-z]+(?:ed|es|s)|came|sold|went|and|at|in|of|on)\b"
    r"|[.,;:)]|$)"
)


def find_contradiction(chosen: Candidate, others: Iterable[Candidate]) -> Candidate | None:
    """The candidate of another article that says otherwise, best covered first; mostly None.

    A near copy does not count: what differs in it is an edition, not a second opinion.
    """
    found = [
        candidate
        for candidate in others
        if candidate.region.source.story != chosen.region.source.story
        and _says_otherwise(candidate, chosen.pair.closest.text)
    ]
    return max(found, key=lambda candidate: candidate.coverage, default=None)


def _says_otherwise(candidate: Candidate, cited: str) -> bool:
    """Whether a candidate denies the claim that the ``cited`` sentence of another supports."""
    pair = candidate.pair
    kinds = {conflict.kind for conflict in candidate.conflicts if conflict.hard}
    against = {conflict.kind for conflict in candidate.conflicts if conflict.against}
    if not polarity.opposed_stems(pair.claim.text, candidate.quote):
        # "Is the latest", "is not much better": the negation concerns something else.
        against.discard("negation")
    # Only words about the matter: the number or date in dispute is missing there, of course.
    disputed = {
        stem
        for conflict in candidate.conflicts
        if conflict.kind in MEASURED
        for word in conflict.words
        for stem in (word, *texts.content_lemmas(word))
    }
    matter = frozenset(
        s for s in pair.claim.content - disputed if not polarity.NEGATION.fullmatch(s)
    )
    share = pair.document.share(matter, pair.closest.content)
    if share < SAME_STATEMENT or not against & KINDS or not kinds <= KINDS:
        return False
    said = parse_sentence(cited)
    exchanged = any(_exchanges(each, pair.closest, disputed) for each in (pair.claim, said))
    return not exchanged and _same_subject(pair.claim, said, pair.closest)


def _exchanges(one: ParsedSentence, other: ParsedSentence, disputed: Collection[str]) -> bool:
    """Whether one statement has other words in the place of the other's, besides what is disputed.

    The north pier is not the south pier, and before the fire is not after it; the great fire may
    well be the fire.
    """
    said, told = (
        [stem for stem in each.stems if not (_measures(stem) or stem in disputed)]
        for each in (one, other)
    )
    pieces = (
        (said[start:end], told[other_start:other_end])
        for tag, start, end, other_start, other_end in SequenceMatcher(
            None, said, told, autojunk=False
        ).get_opcodes()
        if tag == "replace"
    )
    return any(
        (any(map(is_content, put)) and any(map(is_content, replaced))) or _turned(put, replaced)
        for put, replaced in pieces
    )


def _measures(stem: str) -> bool:
    """Whether a stem is a number, a word that spells one, or a month or weekday."""
    return stem in SPELLED or stem in DATE_STEMS or any(map(str.isdigit, stem))


def _turned(put: Sequence[str], replaced: Collection[str]) -> bool:
    """Whether a function word stands for its opposite: *before* for *after*."""
    return any(contrast.antonyms_of(stem).intersection(replaced) for stem in put)


def _same_subject(one: ParsedSentence, cited: ParsedSentence, other: ParsedSentence) -> bool:
    """Whether two statements name the same things, each by its own capitals and number.

    The Who is not the WHO, stall 6 is not stall 7, and a count of one year, month or weekday is not
    one of another.

    Args:
        one: A claim.
        cited: The sentence that supports it, which tells who "it" is and whether its first word
            is a name.
        other: The sentence of another article.
    """
    opening = one.words[:1]
    first = {name for name in _names(cited.text) if name.lower() in opening}
    names = [
        _names(cited.text) if PRONOUNS.intersection(opening) else _names(one.text) | first,
        _names(other.text),
    ]
    shorter, longer = sorted(names, key=len)
    numbers = [_numbers(each) for each in (one, other)]
    surely = len(numbers[0] - numbers[1]) < FEWEST_NUMBERS
    labels = [_labels(each.text, surely=surely) for each in (one, other)]
    other_times = numbers[0] != numbers[1] and _name_other_times(one, other)
    return shorter <= longer and labels[0] == labels[1] and not other_times


def _numbers(said: ParsedSentence) -> frozenset[float]:
    """The numbers of a statement that are not parts of dates."""
    dates = said.dates.union(YEAR.findall(said.text), numbers_and_dates.month_days(said.text))
    return frozenset(each.value for each in said.quantities if each.text not in dates)


def _name_other_times(one: ParsedSentence, other: ParsedSentence) -> bool:
    """Whether each of two statements names a year, month or weekday that the other does not."""
    times = [each.dates.union(YEAR.findall(each.text)) for each in (one, other)]
    own, others = (
        {numbers_and_dates.kind_of(word) for word in here - there}
        for here, there in (times, times[::-1])
    )
    return not own.isdisjoint(others)


def _names(text: str) -> frozenset[str]:
    """The words of a statement that are written as names, with their capitals."""
    written = [match.group() for match in texts.WORD.finditer(text)]
    # The first word has a capital anyway; it counts where it has another.
    capitals = {word for word in written[1:] if word[:1].isupper()}
    capitals |= {word for word in written if word[1:] != word[1:].lower()}
    return frozenset(w for w in capitals if w.lower() not in {*texts.MONTHS, *texts.WEEKDAYS})


def _labels(text: str, *, surely: bool) -> frozenset[tuple[str, str]]:
    """Numbers that tell one thing from others of its kind: *stall 6*, *room number 5*.

    Args:
        text: A statement.
        surely: Whether to leave out what may be a verb and what it counts.
    """
    return frozenset(
        (texts.stem(match["word"]), match["number"])
        for match in LABEL.finditer(text)
        if match["sign"] or match["verb"] or not (surely and _may_count(match))
    )


def _may_count(label: re.Match[str]) -> bool:
    """Whether what looks like a label may be a verb: *the storm destroyed 14 houses*."""
    before, stem = label["before"] or "", texts.stem(label["word"])
    is_past = label["word"].endswith("ed") or texts.base_of(stem) != stem
    has_subject = bool(before) and before.lower() not in BEFORE_NOUNS
    return has_subject and (is_past or before.endswith("s") or before.lower() in PRONOUNS)


def contradiction_note(chosen: Candidate, other: Candidate) -> Sentence:
    """A sentence that says who says otherwise, with both footnotes and which article is later."""
    mine, theirs = chosen.region.source, other.region.source
    quote = shorten(other.quote, LONGEST_QUOTE)
    text = f"The articles disagree: {_name_of(theirs)}{_when(mine, theirs)} says “{quote}”"
    citations: tuple[Citation, ...] = (chosen.cite(), other.cite())
    reasons = "; ".join(dict.fromkeys(c.reason for c in other.conflicts if c.against))
    why = f"Comparing the two: {reasons}."
    sure = load_verifier_model().verbatim
    return Sentence(text, citations, "supported", sure, why, confirmed_by="code")


def _name_of(source: Source) -> str:
    return source.publisher or source.author or f"“{source.title}”"


def _when(mine: Source, theirs: Source) -> str:
    if mine.published is None or theirs.published is None:
        return ""
    if mine.published == theirs.published:
        return " (the same day)"
    order = "later" if theirs.published > mine.published else "earlier"
    return f" ({order}, {theirs.published.isoformat()})"

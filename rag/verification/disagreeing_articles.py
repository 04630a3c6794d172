"""Two articles that disagree in a number, a date, or a yes and a no: the answer says so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag import text as texts
from rag.types import Citation, Sentence, Source
from rag.verification.candidates import Candidate
from rag.verification.features import polarity
from rag.verification.features.names_and_pronouns import PRONOUNS
from rag.verification.support_model import load_verifier_model
from rag.verification.verdicts import shorten

# How much of the sentence's weighted words one sentence of the other article must hold: with less,
# the two may well be about different things.
SAME_STATEMENT = 0.8
# What two articles can disagree about in a way that rules see.
KINDS = frozenset({"number", "date", "negation"})
LONGEST_QUOTE = 240
YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
FIGURE = re.compile(r"\d[\d.,]*")
# A singular word, perhaps with "number" after it, and then a number that counts nothing.
LABEL = re.compile(
    r"\b([A-Za-z]{3,}[a-rt-z])(?: (?:number|no\.|nr\.?|#))? ?(\d{1,3})(?![\d.,]*\d)"
    r"(?= (?:[a-z]+(?:ed|es|s)|is|was|had|has|will|came|sold|went|and|at|in|of|on)\b|[.,;:)]|$)"
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
        for word in conflict.words
        for stem in (word, *texts.content_lemmas(word))
    }
    matter = frozenset(pair.claim.content - disputed)
    share = pair.document.share(matter, pair.closest.content)
    same = share >= SAME_STATEMENT and _same_subject(pair.claim.text, cited, pair.closest.text)
    return bool(against & KINDS) and kinds <= KINDS and same


def _same_subject(one: str, cited: str, other: str) -> bool:
    """Whether two statements name the same things, each by its own capitals and number.

    The Who is not the WHO, stall 6 is not stall 7, and a count of one year is not one of another.

    Args:
        one: A claim.
        cited: The sentence that supports it, which tells who "it" is and whether its first word
            is a name.
        other: The sentence of another article.
    """
    words = texts.words(one)[:1]
    first = {name for name in _names(cited) if name.lower() in words}
    names = [
        _names(cited) if PRONOUNS.intersection(words) else _names(one) | first,
        _names(other),
    ]
    shorter, longer = sorted(names, key=len)
    labels = [_labels(text) for text in (one, other)]
    years = [frozenset(YEAR.findall(text)) for text in (one, other)]
    figures = [frozenset(FIGURE.findall(YEAR.sub(" ", text))) for text in (one, other)]
    counts_of_other_years = figures[0] != figures[1] and years[0] != years[1] and all(years)
    return shorter <= longer and labels[0] == labels[1] and not counts_of_other_years


def _names(text: str) -> frozenset[str]:
    """The words of a statement that are written as names, with their capitals."""
    written = [match.group() for match in texts.WORD.finditer(text)]
    # The first word has a capital anyway; it counts where it has another.
    capitals = {word for word in written[1:] if word[:1].isupper()}
    capitals |= {word for word in written if word[1:] != word[1:].lower()}
    return frozenset(w for w in capitals if w.lower() not in {*texts.MONTHS, *texts.WEEKDAYS})


def _labels(text: str) -> frozenset[tuple[str, str]]:
    """Numbers that tell one thing from others of its kind: *stall 6*, *room number 5*."""
    return frozenset((texts.stem(match[1]), match[2]) for match in LABEL.finditer(text))


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

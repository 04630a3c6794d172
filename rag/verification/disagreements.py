"""Two articles disagree: a number, a date, a yes or no. The answer says so."""

from __future__ import annotations

from collections.abc import Iterable

from rag.types import Citation, Sentence, Source
from rag.verification.explanations import shortened
from rag.verification.model import load_model
from rag.verification.signals import lemmas, polarity
from rag.verification.verdicts import Reading

# How much of the sentence's weighted words one sentence of the other article must hold: less, and
# the two may well speak of different things.
SAME_STATEMENT = 0.8
# What two articles can disagree about in a way that plain code sees.
KINDS = frozenset({"number", "date", "negation"})


def other_side(settled: Reading, others: Iterable[Reading]) -> Reading | None:
    """The reading in another article that says otherwise, best covered first; mostly None."""
    found = [
        reading
        for reading in others
        if reading.region.source.id != settled.region.source.id and _says_otherwise(reading)
    ]
    return max(found, key=lambda reading: reading.coverage, default=None)


def _says_otherwise(reading: Reading) -> bool:
    view = reading.view
    kinds = {conflict.kind for conflict in reading.conflicts if conflict.hard}
    against = {conflict.kind for conflict in reading.conflicts if conflict.against}
    if not polarity.turned(view.claim.text, reading.quote):
        # "Is the latest", "is not much better": the no is said of something else.
        against.discard("negation")
    # Words of the matter only: the number or date in dispute is not there, of course.
    disputed = {
        stem
        for conflict in reading.conflicts
        for word in conflict.words
        for stem in (word, *lemmas.content_stems(word))
    }
    matter = frozenset(view.claim.content - disputed)
    share = view.document.share(matter, view.one.content)
    return bool(against & KINDS) and kinds <= KINDS and share >= SAME_STATEMENT


def note(settled: Reading, other: Reading) -> Sentence:
    """A sentence that says who says otherwise, with both footnotes and which one is later."""
    mine, theirs = settled.region.source, other.region.source
    when = _order(mine, theirs)
    quote = shortened(other.quote, 240)
    text = f"The articles disagree: {speaker(theirs)}{when} says “{quote}”"
    citations: tuple[Citation, ...] = (settled.cite(), other.cite())
    reasons = "; ".join(dict.fromkeys(c.reason for c in other.conflicts if c.against))
    return Sentence(
        text, citations, "supported", load_model().verbatim, f"Set side by side: {reasons}."
    )


def speaker(source: Source) -> str:
    """Who says it: the publisher, else the author, else the title in quotation marks."""
    return source.publisher or source.author or f"“{source.title}”"


def _order(mine: Source, theirs: Source) -> str:
    if mine.published is None or theirs.published is None:
        return ""
    if mine.published == theirs.published:
        return " (the same day)"
    side = "later" if theirs.published > mine.published else "earlier"
    return f" ({side}, {theirs.published.isoformat()})"

"""Two articles that disagree in a number, a date, or a yes and a no: the answer says so."""

from __future__ import annotations

from collections.abc import Iterable

from rag.types import Citation, Sentence, Source
from rag.verification.candidates import Candidate
from rag.verification.explanations import shorten
from rag.verification.features import lemmas, polarity
from rag.verification.model import load_verifier_model

# How much of the sentence's weighted words one sentence of the other article must hold: with less,
# the two may well be about different things.
SAME_STATEMENT = 0.8
# What two articles can disagree about in a way that rules see.
KINDS = frozenset({"number", "date", "negation"})
LONGEST_QUOTE = 240


def find_contradiction(chosen: Candidate, others: Iterable[Candidate]) -> Candidate | None:
    """The candidate of another article that says otherwise, best covered first; mostly None."""
    found = [
        candidate
        for candidate in others
        if candidate.region.source.id != chosen.region.source.id and _says_otherwise(candidate)
    ]
    return max(found, key=lambda candidate: candidate.coverage, default=None)


def _says_otherwise(candidate: Candidate) -> bool:
    pair = candidate.pair
    kinds = {conflict.kind for conflict in candidate.conflicts if conflict.hard}
    against = {conflict.kind for conflict in candidate.conflicts if conflict.against}
    if not polarity.opposed_stems(pair.claim.text, candidate.quote):
        # "Is the latest", "is not much better": the no is said of something else.
        against.discard("negation")
    # Only words about the matter: the number or date in dispute is missing there, of course.
    disputed = {
        stem
        for conflict in candidate.conflicts
        for word in conflict.words
        for stem in (word, *lemmas.content_lemmas(word))
    }
    matter = frozenset(pair.claim.content - disputed)
    share = pair.document.share(matter, pair.closest.content)
    return bool(against & KINDS) and kinds <= KINDS and share >= SAME_STATEMENT


def contradiction_note(chosen: Candidate, other: Candidate) -> Sentence:
    """A sentence that says who says otherwise, with both footnotes and which article is later."""
    mine, theirs = chosen.region.source, other.region.source
    quote = shorten(other.quote, LONGEST_QUOTE)
    text = f"The articles disagree: {_name_of(theirs)}{_when(mine, theirs)} says “{quote}”"
    citations: tuple[Citation, ...] = (chosen.cite(), other.cite())
    reasons = "; ".join(dict.fromkeys(c.reason for c in other.conflicts if c.against))
    why = f"Set side by side: {reasons}."
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

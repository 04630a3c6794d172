"""A verified sentence of a draft, and its verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rag import text as texts
from rag.types import Sentence, Span, Verdict
from rag.verification.candidates import WORDS_PARTLY, Candidate


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What earlier sentences of a draft mean for the next one.

    Attributes:
        previous: The last sentences that claimed something, the oldest first.
        notes: The notes on contradictions that were given already.
    """

    previous: tuple[str, ...] = ()
    notes: frozenset[str] = frozenset()


START = DraftContext()


class Verified(NamedTuple):
    """A verified sentence of a draft.

    Attributes:
        sentence: With its verdict and citations.
        note: That another article says otherwise; None if none does.
        context: For the sentence that follows it.
        own_words: Whether it is an article's own words.
    """

    sentence: Sentence
    note: Sentence | None
    context: DraftContext
    own_words: bool = False

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentence, and the note if there is one."""
        return (self.sentence,) if self.note is None else (self.sentence, self.note)


MOST_REASONS = 3
# Conflicts that the article's words explain by themselves.
OPPOSITES = frozenset({"negation", "opposite"})
# In characters.
LONGEST_QUOTE = 160


def explain(verdict: Verdict, best: Candidate, marks: Sequence[int], missing: str = "") -> str:
    """Why a sentence got its verdict, with the closest words of the articles if it lacks support.

    Args:
        verdict: On the sentence.
        best: The candidate that supports it best.
        marks: The numbers of the sources that the draft names.
        missing: A quotation in the sentence that no article contains.
    """
    quote = f"“{shorten(best.quote)}”"
    closest = f"Closest passage: {quote}"
    if missing:
        return f"The quotation “{shorten(missing)}” is not in the articles. {closest}"
    if verdict == "supported":
        return _explain_support(best, marks)
    reasons = list(dict.fromkeys(conflict.reason for conflict in best.conflicts))[:MOST_REASONS]
    listed = "; ".join(reasons)
    if verdict == "contradicted":
        if {conflict.kind for conflict in best.conflicts if conflict.against} <= OPPOSITES:
            return f"The article says the opposite: {quote}"
        return f"An article says otherwise: {listed}. {closest}"
    if reasons and (best.coverage >= WORDS_PARTLY or verdict == "unconfirmed"):
        return f"{listed[0].upper()}{listed[1:]}. {closest}"
    if verdict == "unconfirmed":
        return f"The check cannot tell. {closest}"
    return f"No article says this. {closest}"


def _explain_support(best: Candidate, marks: Sequence[int]) -> str:
    if marks and not best.region.is_named(marks):
        # No number: the reader sees the sources in another order than the draft.
        title = shorten(best.region.source.title)
        return f"Supported, but by the cited words of “{title}” and not by what the draft named."
    return "These are the article's own words." if best.verbatim else "The article says so."


def unsupported_spans(sentence: str, best: Candidate) -> tuple[Span, ...]:
    """The words of a sentence that the article does not support, in order."""
    doubted = {
        part
        for conflict in best.conflicts
        for word in conflict.words
        for part in (word, *texts.words(word))
    }
    supported = best.pair.cited.content
    spans = []
    for match in texts.WORD.finditer(sentence):
        word = next(iter(texts.words(match.group())), "")
        stem = texts.lemma(word)
        is_content = word and word not in texts.STOP_WORDS
        if {word, stem} & doubted or (is_content and not doubted and stem not in supported):
            spans.append(Span(match.start(), match.end()))
    return tuple(spans)


def shorten(text: str, most: int = LONGEST_QUOTE) -> str:
    """A text on one line, cut after a word if it is longer than ``most`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"

"""A verdict in words: one readable line, and which words of the sentence it is about."""

from __future__ import annotations

from collections.abc import Sequence

from rag import text as texts
from rag.types import Span, Verdict
from rag.verification.candidates import WORDS_PARTLY, Candidate
from rag.verification.features import lemmas

MOST_REASONS = 3


def explain(verdict: Verdict, best: Candidate, marks: Sequence[int], missing: str = "") -> str:
    """Why a sentence got its verdict, with the nearest words of the articles where it lacks."""
    nearest = f"Nearest words: “{shorten(best.quote)}”"
    if missing:
        return f"The quotation “{shorten(missing)}” is not in the articles. {nearest}"
    if verdict == "supported":
        return _supported(best, marks)
    reasons = list(dict.fromkeys(c.reason for c in best.conflicts))[:MOST_REASONS]
    if best.contradicts:
        return f"An article says otherwise: {'; '.join(reasons)}. {nearest}"
    if reasons and (best.coverage >= WORDS_PARTLY or verdict == "partly"):
        listed = "; ".join(reasons)
        return f"{listed[0].upper()}{listed[1:]}. {nearest}"
    share = f"{best.coverage:.0%}"
    if verdict == "partly":
        return f"Only part of it ({share} of its words) stands in the article. {nearest}"
    return f"No article says this; at most {share} of its words were found together. {nearest}"


def _supported(best: Candidate, marks: Sequence[int]) -> str:
    ranks = best.region.ranks
    if marks and not set(marks) & set(ranks):
        return f"Supported, but by source {min(ranks)} and not by the one that the draft named."
    return "These are the article's own words." if best.verbatim else "The article says so."


def unsupported_spans(sentence: str, best: Candidate) -> tuple[Span, ...]:
    """The words of a sentence that the article does not bear out, in order."""
    doubted = {
        part
        for conflict in best.conflicts
        for word in conflict.words
        for part in (word, *texts.words(word))
    }
    held = best.pair.cited.content
    spans = []
    for match in texts.WORD.finditer(sentence):
        word = texts.words(match.group())[0] if texts.words(match.group()) else ""
        stem = lemmas.lemma(word)
        counted = word and word not in texts.STOP_WORDS
        if {word, stem} & doubted or (counted and not doubted and stem not in held):
            spans.append(Span(match.start(), match.end()))
    return tuple(spans)


def shorten(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"

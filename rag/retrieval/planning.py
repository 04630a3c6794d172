"""Questions of several things: each is searched for by itself, and what is missing is said.

A list of questions, a comparison, and an overview across articles are looked up part by part; what
is found is put together, so that a backend sees evidence for each part that has any, and is asked
only for those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag import text as texts
from rag.answerability import classifier
from rag.answerability.assessment import Weighed
from rag.query import intents
from rag.query.follow_ups import goes_on, resolve
from rag.query.parsing import Query
from rag.store.library import Library
from rag.types import Evidence, Filters, Sentence
from rag.verification import no_claim_sentence

# Searches for a question, for so many passages, within filters that other words of it set.
Look = Callable[[str, int, Filters | None], Weighed]

# An overview looks at so many times the usual passages and keeps the best of each article.
WIDER = 3
# So many passages of evidence may be put together for a question of several things, as a multiple
# of those for one.
MOST_TOGETHER = 1.5


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question of one or several parts.

    Attributes:
        weighed: The evidence of all parts that have any, and the best of their chances.
        question: What a backend is to be asked: the parts that the evidence answers.
        missing: What of the question the articles do not answer, in its own words; empty if they
            answer all of it or nothing.
    """

    weighed: Weighed
    question: str
    missing: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[Sentence, ...]:
        """What the reader is told of the missing parts."""
        return tuple(no_claim_sentence(f"The articles do not say: {part}") for part in self.missing)


def find(question: str, library: Library, k: int, look: Look) -> Found:
    """Looks a question up, each of its parts by itself.

    Args:
        question: What is asked.
        library: Reads questions.
        k: How many passages of evidence a question for one thing gets.
        look: Searches and weighs what it finds.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    query = library.understand(question)
    if query.overview and not query.only_missing:
        return _overview(query, query.overview, k, look)
    pieces = intents.things(question)
    if len(pieces) > 1:
        return _together(question, pieces, library, k, look)
    sides = intents.compared(question)
    if sides and not query.said_publishers:
        return _compared(query, sides, k, look)
    found = look(question, k, None)
    if query.articles and intents.is_of_title(question, _titles(query, found)):
        found = look(question, k, Filters(articles=query.articles))
        return Found(_answering(found), question)
    return Found(found, question)


def _titles(query: Query, found: Weighed) -> list[str]:
    """The titles that the question names."""
    sources = (item.source for item in found.evidence)
    return [source.title for source in sources if source.id in query.articles]


def _together(question: str, pieces: Sequence[str], library: Library, k: int, look: Look) -> Found:
    """A list of questions, the later ones read with what they leave out."""
    read: list[str] = []
    for piece in pieces:
        read.append(resolve(piece, read).text)
    found = [look(part, k, None) for part in read]
    good = [item.chance >= classifier.ANSWERABLE for item in found]
    if not any(good):
        return Found(look(question, k, None), question)
    # What answers "who sold it: for how much?" answers who sold it.
    good = [
        fits or any(sure and goes_on(part, later) for sure, later in zip(good, read, strict=True))
        for fits, part in zip(good, read, strict=True)
    ]
    kept = [item for item, fits in zip(found, good, strict=True) if fits]
    parts = [part for part, fits in zip(read, good, strict=True) if fits]
    missing = tuple(piece for piece, fits in zip(pieces, good, strict=True) if not fits)
    return Found(_merged(library.understand(question), kept, k), " ".join(parts), missing)


def _compared(query: Query, sides: Sequence[str], k: int, look: Look) -> Found:
    """Both sides; with one of them only, that one and the word that the other is missing."""
    found = [look(side, k, query.filters) for side in sides]
    good = [_tells_of(item) for item in found]
    if not any(good):
        return Found(look(query.text, k, None), query.text)
    kept = [item for item, fits in zip(found, good, strict=True) if fits]
    missing = [side for side, fits in zip(sides, good, strict=True) if not fits]
    if not missing:
        # Articles that speak of both come first.
        kept.insert(0, look(query.text, k, None))
    told = tuple(f"anything about “{side}”." for side in missing)
    return Found(_answering(_merged(query, kept, k)), query.text, told)


def _overview(query: Query, subject: str, k: int, look: Look) -> Found:
    """The best passage of each article that has to do with a subject."""
    within = query.filters
    if not any(name.casefold() in subject.casefold() for name in query.said_publishers):
        named = {name for group in query.publishers for name in group}
        within = replace(within, publishers=within.publishers or tuple(sorted(named)))
    wide = look(subject, WIDER * k, within)
    if not _tells_of(wide):
        # Who is named, and that he says something, must not make up for what he says nothing of.
        whole = look(query.text, k, None)
        return Found(replace(whole, chance=min(whole.chance, wide.chance)), query.text)
    words = set(texts.content_stems(wide.query.subject))
    best: dict[str, Evidence] = {}
    for item in wide.evidence:
        if 2 * len(words & _stems(item)) >= len(words):
            best.setdefault(item.source.id, item)
    evidence = renumbered(list(best.values())[:k])
    return Found(_answering(_with(wide, query, evidence)), query.text)


def _tells_of(found: Weighed) -> bool:
    """Whether there is anything about a subject, of which no single fact is asked.

    There is if a passage, or its headline, holds all of its words.
    """
    words = set(texts.content_stems(found.query.subject))
    # Of all articles of a kind no word is asked.
    held = any(words <= _stems(item) for item in found.evidence)
    return held or found.chance >= classifier.ANSWERABLE


def _stems(item: Evidence) -> set[str]:
    return set(texts.content_stems(f"{item.source.title} {item.passage.text}"))


def _answering(found: Weighed) -> Weighed:
    return replace(found, chance=max(found.chance, classifier.ANSWERABLE))


def _merged(query: Query, found: Sequence[Weighed], k: int) -> Weighed:
    """The evidence of several searches in turns, with the best of the chances."""
    most = int(k * MOST_TOGETHER) if len(found) > 1 else k
    evidence = renumbered(list(in_turns([item.evidence for item in found]))[:most])
    return _with(max(found, key=lambda item: item.chance), query, evidence)


def _with(found: Weighed, query: Query, evidence: tuple[Evidence, ...]) -> Weighed:
    return replace(found, query=query, evidence=evidence)


def in_turns(lists: Sequence[Sequence[Evidence]]) -> Iterator[Evidence]:
    """The first of each, then the second of each, and so on; no passage twice."""
    seen: set[str] = set()
    for place in range(max(map(len, lists), default=0)):
        for items in lists:
            if place < len(items) and items[place].passage.id not in seen:
                seen.add(items[place].passage.id)
                yield items[place]


def renumbered(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence with ranks from 1 in its order."""
    return tuple(replace(item, rank=rank) for rank, item in enumerate(evidence, start=1))

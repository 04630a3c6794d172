"""Questions of several things: each is searched for by itself, and what is missing is said.

A list of questions, a comparison, and an overview across articles are looked up part by part; what
is found is put together, so that a backend sees evidence for each part that has any, and is asked
only for those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag import asked, gate
from rag.conversation import resolve
from rag.library.library import Library
from rag.types import Evidence, Filters, Sentence
from rag.verify import says_nothing
from rag.weighing import Weighed, weigh

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
        return tuple(says_nothing(f"The articles do not say: {part}") for part in self.missing)


def find(question: str, library: Library, *, k: int, filters: Filters | None) -> Found:
    """Searches a library for each part of a question and weighs what is found.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    if subject := asked.overview_of(question):
        return _overview(question, subject, library, k, filters)
    pieces = asked.things(question)
    if len(pieces) > 1:
        return _together(question, pieces, _standing(pieces), library, k, filters)
    sides = asked.compared(question)
    if sides and not library.understand(question).said_publishers:
        told = tuple(f"anything about “{side}”." for side in sides)
        return _compared(question, told, sides, library, k, filters)
    return Found(weigh(question, library, k=k, filters=filters), question)


def _standing(pieces: Sequence[str]) -> tuple[str, ...]:
    """The pieces with what the later ones leave out."""
    read: list[str] = []
    for piece in pieces:
        read.append(resolve(piece, read).text)
    return tuple(read)


def _together(
    question: str,
    pieces: Sequence[str],
    read: Sequence[str],
    library: Library,
    k: int,
    filters: Filters | None,
) -> Found:
    found = [weigh(part, library, k=k, filters=filters) for part in read]
    good = [item.chance >= gate.ANSWERABLE for item in found]
    if not any(good):
        return Found(weigh(question, library, k=k, filters=filters), question)
    kept = [item for item, fits in zip(found, good, strict=True) if fits]
    merged = _merged(question, kept, library, k)
    parts = [part for part, fits in zip(read, good, strict=True) if fits]
    missing = tuple(piece for piece, fits in zip(pieces, good, strict=True) if not fits)
    return Found(merged, " ".join(parts), missing)


def _compared(
    question: str,
    told: Sequence[str],
    sides: Sequence[str],
    library: Library,
    k: int,
    filters: Filters | None,
) -> Found:
    """Both sides; with one of them only, that one and the word that the other is missing."""
    found = [weigh(side, library, k=k, filters=filters) for side in sides]
    good = [item.chance >= gate.ANSWERABLE for item in found]
    if not any(good):
        return Found(weigh(question, library, k=k, filters=filters), question)
    kept = [item for item, fits in zip(found, good, strict=True) if fits]
    missing = tuple(line for line, fits in zip(told, good, strict=True) if not fits)
    if not missing:
        # Articles that speak of both come first.
        kept.insert(0, weigh(question, library, k=k, filters=filters))
    return Found(_merged(question, kept, library, k), question, missing)


def _overview(
    question: str, subject: str, library: Library, k: int, filters: Filters | None
) -> Found:
    """The best passage of each article that has to do with a subject."""
    wide = weigh(subject, library, k=WIDER * k, filters=filters)
    if wide.chance < gate.ANSWERABLE:
        return Found(weigh(question, library, k=k, filters=filters), question)
    best: dict[str, Evidence] = {}
    for item in wide.evidence:
        best.setdefault(item.source.id, item)
    evidence = renumbered(list(best.values())[:k])
    return Found(replace(wide, query=library.understand(question), evidence=evidence), question)


def _merged(question: str, found: Sequence[Weighed], library: Library, k: int) -> Weighed:
    """The evidence of several searches in turns, with the best of the chances."""
    most = int(k * MOST_TOGETHER) if len(found) > 1 else k
    evidence = renumbered(list(in_turns([item.evidence for item in found]))[:most])
    best = max(found, key=lambda item: item.chance)
    return replace(best, query=library.understand(question), evidence=evidence)


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

"""Whether searching by meaning and by words together finds less than one of them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from eval.cases import Case
from eval.datasets import PassageQuestion
from eval.metrics import contains_any
from eval.scoring import CUTOFFS, METHODS, Method, within_first
from rag import Evidence, Library

# By search method: number, from 1, of the first passage that holds what is wanted, or None.
Ranks = Mapping[Method, int | None]
Holds = Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True)
class Lead:
    """How the hybrid stands to one of its arms, over the same questions.

    Attributes:
        questions: Which ones, in words.
        within: Gold among so many first passages counts as found.
        found: How many the hybrid finds.
        won: How many it finds that the arm misses.
        lost: How many the arm finds that it misses.
        n: Of how many.
    """

    questions: str
    within: int
    arm: Method
    found: int
    won: int
    lost: int
    n: int

    @property
    def by(self) -> int:
        """By how many questions it is ahead; below 0 it is behind."""
        return self.won - self.lost

    def __str__(self) -> str:
        if not self.by:
            told = f"level with {self.arm}"
        else:
            told = f"{'ahead of' if self.by > 0 else 'BEHIND'} {self.arm} by {abs(self.by)}"
        return f"{told} ({self.won} won, {self.lost} lost)" if self.won or self.lost else told


def leads(questions: str, ranks: Iterable[Ranks]) -> tuple[Lead, ...]:
    """The hybrid beside each arm, at each of the cutoffs; nothing without questions."""
    rows = tuple(ranks)
    whole, *arms = METHODS

    def lead(within: int, arm: Method) -> Lead:
        pairs = [(within_first(row[whole], within), within_first(row[arm], within)) for row in rows]
        return Lead(
            questions,
            within,
            arm,
            found=sum(mine for mine, _ in pairs),
            won=sum(mine and not other for mine, other in pairs),
            lost=sum(other and not mine for mine, other in pairs),
            n=len(pairs),
        )

    return tuple(lead(within, arm) for within in CUTOFFS for arm in arms) if rows else ()


def lines(found: Sequence[Lead]) -> Iterator[str]:
    """A line for each set of questions and each cutoff."""
    for questions, of_set in groupby(found, key=lambda lead: lead.questions):
        yield f"hybrid beside its arms, {questions}"
        for within, pair in groupby(of_set, key=lambda lead: lead.within):
            both = tuple(pair)
            told = "; ".join(map(str, both))
            yield f"  among the first {within:2}: {both[0].found} of {both[0].n}, {told}"


def to_list(found: Sequence[Lead]) -> list[dict[str, Any]]:
    """As JSON values."""
    return [asdict(lead) | {"by": lead.by} for lead in found]


def ranks(question: str, library: Library, holds: Holds) -> Ranks:
    """Searches by every method."""
    found: dict[Method, int | None] = {}
    for how in METHODS:
        evidence = library.search(question, k=max(CUTOFFS), how=how)
        found[how] = next((item.rank for item in evidence if holds(item)), None)
    return found


def phrases(case: Case) -> Holds:
    """Whether a passage holds one of a case's gold phrases."""
    return lambda item: contains_any(case.gold, item.passage.text)


def of_cases(questions: str, cases: Iterable[Case], library: Library) -> tuple[Lead, ...]:
    """Over those of the cases that an article of the library answers."""
    texts = {s.source.url: library.article(s.source.id).text for s in library.articles()}
    asked = [
        case
        for case in cases
        if any(contains_any(case.gold, texts.get(url, "")) for url in case.articles)
    ]
    return leads(questions, (ranks(case.question, library, phrases(case)) for case in asked))


def of_passages(
    questions: str, rows: Iterable[PassageQuestion], library: Library, places: Mapping[str, str]
) -> tuple[Lead, ...]:
    """Over questions that each have a passage of their own; ``places`` are the articles' ids."""

    def own(row: PassageQuestion) -> Holds:
        return lambda item: item.source.id == places[row.passage]

    asked = [row for row in rows if row.passage in places]
    return leads(questions, (ranks(row.text, library, own(row)) for row in asked))

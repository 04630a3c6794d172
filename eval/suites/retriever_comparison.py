"""Whether hybrid search finds less than dense or keyword search alone, over the same questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from eval.cases import Case
from eval.datasets import PassageQuestion
from eval.metrics import contains_any
from eval.scoring import CUTOFFS, METHODS, Method, is_within
from rag import Evidence, Library

# By search method: number, from 1, of the first passage that holds what is wanted, or None.
Ranks = Mapping[Method, int | None]
IsGold = Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The hybrid against one of its retrievers, over the same questions.

    Attributes:
        questions: Which ones, in words.
        within: Gold among this many first passages counts as found.
        retriever: The method that the hybrid is compared with.
        found: How many questions the hybrid finds gold for.
        won: How many it finds that the retriever misses.
        lost: How many the retriever finds that it misses.
        n: Number of questions.
    """

    questions: str
    within: int
    retriever: Method
    found: int
    won: int
    lost: int
    n: int

    @property
    def difference(self) -> int:
        """How many more questions the hybrid finds gold for; negative if it finds fewer."""
        return self.won - self.lost

    def __str__(self) -> str:
        if not self.difference:
            words = f"level with {self.retriever}"
        else:
            direction = "ahead of" if self.difference > 0 else "BEHIND"
            words = f"{direction} {self.retriever} by {abs(self.difference)}"
        return f"{words} ({self.won} won, {self.lost} lost)" if self.won or self.lost else words


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparisons over one or more sets of questions: a section of a report."""

    rows: tuple[Comparison, ...] = ()

    def lines(self) -> Sequence[str]:
        """A line for each set of questions and each cutoff."""
        lines = []
        for questions, of_set in groupby(self.rows, key=lambda row: row.questions):
            lines.append(f"hybrid compared with each retriever alone, {questions}")
            for within, pair in groupby(of_set, key=lambda row: row.within):
                both = tuple(pair)
                words = "; ".join(map(str, both))
                lines.append(
                    f"  among the first {within:2}: {both[0].found} of {both[0].n}, {words}"
                )
        return lines

    def to_list(self) -> list[dict[str, Any]]:
        return [asdict(row) | {"difference": row.difference} for row in self.rows]


def compare(questions: str, ranks: Iterable[Ranks]) -> tuple[Comparison, ...]:
    """The hybrid against each retriever at each cutoff; nothing without questions."""
    rows = tuple(ranks)
    hybrid, *retrievers = METHODS

    def comparison(within: int, retriever: Method) -> Comparison:
        pairs = [
            (is_within(row[hybrid], within), is_within(row[retriever], within)) for row in rows
        ]
        return Comparison(
            questions,
            within,
            retriever,
            found=sum(mine for mine, _ in pairs),
            won=sum(mine and not other for mine, other in pairs),
            lost=sum(other and not mine for mine, other in pairs),
            n=len(pairs),
        )

    if not rows:
        return ()
    return tuple(comparison(k, retriever) for k in CUTOFFS for retriever in retrievers)


def gold_ranks(question: str, library: Library, is_gold: IsGold) -> Ranks:
    """The rank of the first gold passage by every search method."""
    found: dict[Method, int | None] = {}
    for how in METHODS:
        evidence = library.search(question, k=max(CUTOFFS), how=how)
        found[how] = next((item.rank for item in evidence if is_gold(item)), None)
    return found


def holds_gold(case: Case) -> IsGold:
    """Whether a passage holds one of a case's gold phrases."""
    return lambda item: contains_any(case.gold, item.passage.text)


def compare_on_cases(
    questions: str, cases: Iterable[Case], library: Library
) -> tuple[Comparison, ...]:
    """Over those of the cases that an article of the library answers."""
    texts = {s.source.url: library.article(s.source.id).text for s in library.articles()}
    asked = [
        case
        for case in cases
        if any(contains_any(case.gold, texts.get(url, "")) for url in case.articles)
    ]
    return compare(questions, (gold_ranks(c.question, library, holds_gold(c)) for c in asked))


def compare_on_passages(
    questions: str, rows: Iterable[PassageQuestion], library: Library, places: Mapping[str, str]
) -> tuple[Comparison, ...]:
    """Over questions about one passage each; ``places`` are the ids of the passages' articles."""

    def is_own(row: PassageQuestion) -> IsGold:
        return lambda item: item.source.id == places[row.passage]

    asked = [row for row in rows if row.passage in places]
    return compare(questions, (gold_ranks(row.text, library, is_own(row)) for row in asked))

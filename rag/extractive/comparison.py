"""The sentences for each side of a comparison."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from rag import text as texts
from rag.answerability.sentence_scoring import ScoredSentence
from rag.extractive.selection import in_turns, stands_alone, whole_first

# A sentence that names both sides of a comparison is worth so much more, and one that has a side
# for its subject, named among so many of its first content words.
BOTH_SIDES = 0.3
SUBJECT = 0.2
SUBJECT_WITHIN = 3


def sided(
    side: str,
    others: Sequence[str],
    scored: Sequence[ScoredSentence],
    most: int,
    said: Container[tuple[str, int]],
) -> tuple[int, ...]:
    """Places of the best sentences about one side of a comparison.

    They name it, and no other side in front of it; those that name another behind it compare, and
    go before the others, as do those that name it at once. Of those that hold more of its name than
    others only they count.

    Args:
        side: What is compared; ``scored`` is scored for it.
        others: The other sides.
        scored: The sentences.
        most: How many places.
        said: Article and beginning of sentences that stand in the answer already.
    """
    own = frozenset(texts.content_stems(side))
    against = [frozenset(texts.content_stems(other)) - own for other in others]
    shared = own.intersection(*(frozenset(texts.content_stems(other)) for other in others))
    name = own - shared or own
    able = [
        place
        for place, item in enumerate(scored)
        if (item.evidence.source.id, item.span.start) not in said and _tells(side, name, item)
    ]
    able = [p for p in able if _names_most(name, scored[p].text)] or able
    values: dict[int, float] = {}
    for place in able:
        stems = texts.content_stems(scored[place].text)
        at = _first(name, stems)
        theirs = [_first(other, stems) for other in against if other and other <= set(stems)]
        if any(their < at for their in theirs):
            # It tells of the other side.
            continue
        worth = BOTH_SIDES * bool(theirs) + SUBJECT * (at < SUBJECT_WITHIN)
        values[place] = scored[place].score + worth
    order = sorted(values, key=lambda place: (-values[place], place))
    return in_turns(scored, [whole_first(scored, order)], most)


def _first(wanted: frozenset[str], stems: Sequence[str]) -> int:
    """How many stems stand in front of the first that is wanted."""
    return next(place for place, stem in enumerate(stems) if stem in wanted)


def _tells(side: str, name: frozenset[str], item: ScoredSentence) -> bool:
    return item.answers and _names(side, name, item.text) and stands_alone(item.text)


def _names(side: str, stems: frozenset[str], sentence: str) -> bool:
    """Whether a sentence names a side, with its capital letter if that is written with one."""
    first = next((word for word in side.split() if word[:1].isupper()), None)
    if first is not None and not re.search(rf"\b{re.escape(first)}\b", sentence):
        return False
    return bool(stems & set(texts.content_stems(sentence)))


def _names_most(stems: frozenset[str], sentence: str) -> bool:
    """Whether it holds more than half of a side's name: of *Tarn ferry* both."""
    return 2 * len(stems & set(texts.content_stems(sentence))) > len(stems)

"""Drops passages that nearly repeat a better one, or are in a copy of its article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from rag.retrieval.fusion import Ranked
from rag.text import Trigrams, shared_part, trigrams

# Two passages are copies if the shorter one shares this part of its word triples.
SAME_TEXT = 0.8

Item = TypeVar("Item")


class Told(NamedTuple):
    """A passage's article, the story of that article, see `Source.story`, and its text."""

    article_id: str
    story: str
    text: str


def drop_copies(ranked: Sequence[Item], told: Callable[[Item], Told]) -> list[Item]:
    """The passages of a ranking, of each story those of the article that has the best of them.

    Those of its copies stay where they say something else: copies are cut at other places, so
    they are compared with all of the best article's passages together.
    """
    passages = [told(item) for item in ranked]
    best: dict[str, str] = {}
    for passage in passages:
        best.setdefault(passage.story, passage.article_id)
    copied = {each.story for each in passages if best[each.story] != each.article_id}
    held: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for passage in passages:
        if passage.story in copied and best[passage.story] == passage.article_id:
            held[passage.story] |= trigrams(passage.text)

    def is_copied(passage: Told) -> bool:
        if best[passage.story] == passage.article_id:
            return False
        triples = trigrams(passage.text)
        return len(triples & held[passage.story]) >= SAME_TEXT * len(triples)

    pairs = zip(ranked, passages, strict=True)
    return [item for item, passage in pairs if not is_copied(passage)]


def drop_near_duplicates(
    ranked: Sequence[Ranked], text_of: Mapping[str, str], k: int
) -> tuple[Ranked, ...]:
    """The best ``k`` of a ranking, without passages that nearly repeat a better one."""
    kept: list[Ranked] = []
    seen: list[Trigrams] = []
    for item in ranked:
        if len(kept) == k:
            break
        triples = trigrams(text_of[item.passage_id])
        if is_near_duplicate(triples, seen):
            continue
        kept.append(item)
        seen.append(triples)
    return tuple(kept)


def is_near_duplicate(text: Trigrams, others: Iterable[Trigrams]) -> bool:
    """Whether a text nearly repeats one of the others, each given by its `trigrams`."""
    return any(shared_part(text, other) >= SAME_TEXT for other in others)

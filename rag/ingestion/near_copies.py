"""Tells which articles nearly repeat another one, as newspapers print the story of an agency.

The few candidates that the vectors give are compared exactly; MinHash (rensa, datasketch) only
estimates that comparison, and would have a signature stored with each article.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.receipts import Note
from rag.store import Entry, FloatMatrix, Store
from rag.text import shared_part, trigrams
from rag.types import Article, article_of_passage

# An article is a near copy if it and another share this part of the shorter one's word triples,
# and the longer one has at most this many times as many: a digest is no copy of what it quotes, and
# would make one story of all of that.
SAME_STORY = 0.9
MOST_LONGER = 2
# Shorter texts, such as forms that are filled in, share triples by chance.
FEWEST_TRIPLES = 20
# In characters. Agency stories are shorter, and a book's triples would take gigabytes.
LONGEST_STORY = 200_000
# Only articles with a passage this near are compared word by word: copies are cut at other places,
# so that their passages are near and not the same.
NEAR = 0.8
NEIGHBOURS = 5


class Compared(NamedTuple):
    """Entries that know what they are near copies of, and a note on each that is one."""

    entries: tuple[Entry, ...]
    notes: tuple[Note, ...]


def compared(entries: Sequence[Entry], store: Store, leaving: Container[str]) -> Compared:
    """Compares entries with the library, and each with those before it.

    Candidates come from the vectors, so that no article's text is read in vain.

    Args:
        entries: In the order in which they were added; they are not in the library yet.
        store: The library.
        leaving: Ids of the articles that the entries replace.
    """
    is_empty = not store.article_ids()
    done: list[Entry] = []
    notes: list[Note] = []
    for entry in entries:
        originals: list[Article] = []
        if len(entry.article.text) <= LONGEST_STORY:
            last = len(entry.passages) - 1
            places = entry.vectors[sorted({0, last // 2, last})]
            near = set() if is_empty else _neighbours(store, places)
            candidates = list(store.catalog.articles(near).values())
            candidates += [each.article for each in done if (each.vectors @ places.T).max() >= NEAR]
            originals = [
                other
                for other in candidates
                if other.id not in leaving and _same_story(entry.article.text, other.text)
            ]
        done.append(replace(entry, copies_of=tuple(other.id for other in originals)))
        notes += [
            Note(entry.locations[0], f"It is a near copy of {other.source.title!r} ({other.id}).")
            for other in originals
        ]
    return Compared(tuple(done), tuple(notes))


def _same_story(one: str, other: str) -> bool:
    if max(len(one), len(other)) > LONGEST_STORY:
        return False
    triples, known = trigrams(one), trigrams(other)
    fewer, more = sorted((len(triples), len(known)))
    alike = fewer >= FEWEST_TRIPLES and more <= MOST_LONGER * fewer
    return alike and shared_part(triples, known) >= SAME_STORY


def _neighbours(store: Store, vectors: FloatMatrix) -> set[str]:
    """Articles of the library with a passage near one of the vectors."""
    hits = [hit for row in vectors for hit in store.indexes.dense(row, NEIGHBOURS, None)]
    return {article_of_passage(hit.passage_id) for hit in hits if hit.score >= NEAR}

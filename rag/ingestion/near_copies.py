"""Tells which articles nearly repeat another one, as newspapers print the story of an agency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.receipts import Note
from rag.store import Entry, Store
from rag.text import shared_part, trigrams
from rag.types import article_of_passage

# An article is a near copy if it and another share this part of the shorter one's word triples.
SAME_STORY = 0.9
# Shorter texts, such as forms that are filled in, share triples by chance.
FEWEST_TRIPLES = 20
# In characters. Agencies write no longer ones, and a book's triples would take gigabytes.
LONGEST_STORY = 200_000
# Only articles with a passage this near are compared word by word: copies are cut at other places,
# so that their passages are near and not the same.
NEAR = 0.8
NEIGHBOURS = 5


def near_copies(store: Store, entries: Sequence[Entry]) -> Iterator[Note]:
    """A note on each article that nearly repeats one that was in the library before it.

    Candidates come from the index of vectors, so that no article's text is read in vain.

    Args:
        store: Holds the entries already.
        entries: In the order in which they were added.
    """
    later = {entry.article.id for entry in entries}
    for entry in entries:
        if len(entry.article.text) <= LONGEST_STORY:
            for article_id in _neighbours(store, entry) - later:
                other = store.article(article_id)
                if _same_story(entry.article.text, other.text):
                    text = f"It is a near copy of {other.source.title!r} ({article_id})."
                    yield Note(entry.locations[0], text)
        later.discard(entry.article.id)


def _same_story(one: str, other: str) -> bool:
    if max(len(one), len(other)) > LONGEST_STORY:
        return False
    triples, known = trigrams(one), trigrams(other)
    enough = min(len(triples), len(known)) >= FEWEST_TRIPLES
    return enough and shared_part(triples, known) >= SAME_STORY


def _neighbours(store: Store, entry: Entry) -> set[str]:
    """Articles with a passage near to the first, the middle or the last one of an entry."""
    last = len(entry.passages) - 1
    hits = [
        hit
        for place in {0, last // 2, last}
        for hit in store.indexes.dense(entry.vectors[place], NEIGHBOURS, None)
    ]
    near = {article_of_passage(hit.passage_id) for hit in hits if hit.score >= NEAR}
    return near - {entry.article.id}

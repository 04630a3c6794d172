"""Runs of words, which show whether two texts are nearly the same."""

from __future__ import annotations

from itertools import islice

from rag.text.tokenization import words

Trigrams = frozenset[tuple[str, ...]]


def trigrams(text: str) -> Trigrams:
    """Every run of three words in the text; its words if there are fewer than three."""
    found = words(text)
    runs = zip(found, islice(found, 1, None), islice(found, 2, None), strict=False)
    return frozenset(runs) or frozenset([found])


def shared_part(one: Trigrams, other: Trigrams) -> float:
    """The part of the shorter text's runs that the other text has too, 0 to 1."""
    return len(one & other) / min(len(one), len(other))

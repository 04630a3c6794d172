"""Stems for comparing: "found" and "finds" are one word, as are "bought" and "buys"."""

from __future__ import annotations

from functools import lru_cache

from rag import text as texts


@lru_cache(maxsize=65_536)
def lemma(word: str) -> str:
    """The stem of a word in lower case, of irregular forms that of their base."""
    return texts.base_of(texts.stem(word))


@lru_cache(maxsize=16_384)
def content_lemmas(text: str) -> tuple[str, ...]:
    """Like `rag.text.content_stems`, with irregular forms as their base."""
    return tuple(map(texts.base_of, texts.content_stems(text)))

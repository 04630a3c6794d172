"""Stems for comparing: "found" and "finds" are one word, as are "bought" and "buys"."""

from __future__ import annotations

from functools import cache, lru_cache

from rag import text as texts
from rag.data import read_rows


@cache
def _bases() -> dict[str, str]:
    """Stems of irregular forms, each with the stem of its base."""
    rows = (row.split() for row in read_rows("irregular_forms.txt"))
    return {texts.stem(form): texts.stem(base) for base, *forms in rows for form in forms}


@lru_cache(maxsize=65_536)
def lemma(word: str) -> str:
    """The stem of a word in lower case, of irregular forms that of their base."""
    found = texts.stem(word)
    return _bases().get(found, found)


@lru_cache(maxsize=16_384)
def content_lemmas(text: str) -> tuple[str, ...]:
    """Like `rag.text.content_stems`, with irregular forms as their base."""
    return tuple(_bases().get(found, found) for found in texts.content_stems(text))

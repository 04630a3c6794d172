"""Irregular forms: "bought" is a form of "buy", which no ending tells."""

from __future__ import annotations

from functools import cache

from rag.data import read_rows
from rag.text.tokenization import stem


@cache
def _bases() -> dict[str, str]:
    """Stems of irregular forms, each with the stem of its base."""
    rows = (row.split() for row in read_rows("irregular_forms.txt"))
    return {stem(form): stem(base) for base, *forms in rows for form in forms}


def base_of(stemmed: str) -> str:
    """The stem of the base, if a stem is that of an irregular form, else the stem itself."""
    return _bases().get(stemmed, stemmed)

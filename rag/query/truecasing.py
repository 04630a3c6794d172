"""Restores the capitals of names that a question has in lower case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rag import text as texts

WORD = re.compile(r"[^\W\d_][^\W_]*")
# In the middle of a sentence, where a capital means a name.
INSIDE = r"(?<=[a-z,0-9’'] )"
# A word is a name if at least this share of its uses inside sentences is capitalised.
MOSTLY = 0.8


def cased(question: str, articles: Iterable[str]) -> str:
    """The question with its words capitalised as in the articles: *openai* becomes *OpenAI*.

    Words with a capital, function words, and words that are not names there are unchanged.
    """
    wanted = {
        word for word in WORD.findall(question) if word.islower() and texts.content_stems(word)
    }
    if not wanted:
        return question
    found: dict[str, Counter[str]] = {word: Counter() for word in wanted}
    listed = "|".join(sorted(map(re.escape, wanted), key=len, reverse=True))
    pattern = re.compile(rf"{INSIDE}(?:{listed})(?![^\W_])", re.IGNORECASE)
    for text in articles:
        for match in pattern.finditer(text):
            found[match.group().casefold()][match.group()] += 1
    known = {word: form for word, forms in found.items() if (form := _name(forms))}
    return WORD.sub(lambda match: known.get(match.group(), match.group()), question)


def _name(forms: Counter[str]) -> str:
    """The most common form of a word if most are capitalised; else empty."""
    capital = {form: count for form, count in forms.items() if form[0].isupper()}
    if not capital or sum(capital.values()) < MOSTLY * forms.total():
        return ""
    return max(capital, key=lambda form: capital[form])

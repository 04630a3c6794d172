"""Names that a question has in lower case, written as the articles write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rag import text as texts

WORD = re.compile(r"[^\W\d_][^\W_]*")
# In the middle of a sentence: there a capital is a name's.
INSIDE = r"(?<=[a-z,0-9’'] )"
# A word is a name if it is written so wherever it stands inside a sentence, but for this share.
MOSTLY = 0.8


def cased(question: str, articles: Iterable[str]) -> str:
    """The question with the capitals that the articles give its words: *openai* becomes *OpenAI*.

    A word that already has a capital, carries grammar, or is no name there stays as it is.
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
    """The usual one of a word's forms if most begin with a capital; else empty."""
    capital = {form: count for form, count in forms.items() if form[0].isupper()}
    if not capital or sum(capital.values()) < MOSTLY * forms.total():
        return ""
    return max(capital, key=lambda form: capital[form])

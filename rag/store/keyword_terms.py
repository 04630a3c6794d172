"""The terms under which the keyword index knows a text, and those that a question asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from rag import text as texts

# In characters; longer runs of letters are not words.
LONGEST_TERM = 40
ENGLISH = (
    TextAnalyzerBuilder(Tokenizer.simple())
    .filter(Filter.remove_long(LONGEST_TERM))
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .filter(Filter.stemmer("english"))
    .build()
)
# From this length on a word may be misspelt, by one letter; from the second on, by two. Shorter
# words are too near to others: "claude" and "cloud".
MISSPELT, MISSPELT_TWICE = 6, 8


def index_terms(text: str, language: str) -> list[str]:
    """The terms of a text: English stems and, where they differ, those of its own language.

    Scripts without spaces give pairs of characters, names that look like function words (US, May)
    their written form as well.
    """
    terms = [
        *ENGLISH.analyze(texts.UNSPACED_RUN.sub(" ", text)),
        *texts.names_like_stop_words(text),
    ]
    if language == "english" and text.isascii():
        return terms
    known = set(terms)
    for word in _parts(text):
        if texts.UNSPACED_RUN.search(word):
            terms += texts.unspaced_terms(word)
        else:
            terms += _own_stems(word, (language,)) - known
    return terms


def question_terms(question: str, languages: Sequence[str]) -> dict[tuple[str, ...], str]:
    """The words of a question by the terms that each may have in the index.

    Args:
        question: Plain words.
        languages: Those of the library's passages.
    """
    found: dict[tuple[str, ...], str] = {}
    for word in dict.fromkeys(_parts(question)):
        if texts.UNSPACED_RUN.search(word):
            found.update(((pair,), "") for pair in texts.unspaced_terms(word))
            continue
        own = _own_stems(word, languages)
        terms = dict.fromkeys((*ENGLISH.analyze(word), *sorted(own)))
        found[tuple(terms)] = word
    found.update(((name,), "") for name in texts.names_like_stop_words(question))
    return {terms: word for terms, word in found.items() if terms}


def misspelt(word: str) -> int:
    """In how many letters a word that is in no article may be misspelt."""
    if not word.isalpha() or len(word) < MISSPELT:
        return 0
    return 1 if len(word) < MISSPELT_TWICE else 2


def _parts(text: str) -> Iterator[str]:
    """Runs of letters and digits."""
    return (match.group() for match in texts.WORD_PART.finditer(text))


def _own_stems(word: str, languages: Sequence[str]) -> set[str]:
    """A word's stems in some languages, and in that of its script."""
    lowered = word.lower()
    stems = {texts.stem(lowered, language) for language in languages if language != "english"}
    if not lowered.isascii():
        stems |= {texts.stem(lowered), texts.fold(lowered)}
    return {stem for stem in stems if stem and len(stem) <= LONGEST_TERM}

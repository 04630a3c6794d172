"""Words, their stems, and the words that carry grammar only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice

import snowballstemmer

from rag.data import read_rows, read_words
from rag.text.characters import COMBINING, UNSPACED_RUN, fold, language_of_script

# Function words: they carry grammar, not content. Negations are not among them.
STOP_WORDS = read_words("stop_words.txt")

# Letters and digits, with the marks that some scripts write on or after them.
_RUN = rf"[^\W_]+(?:[{COMBINING}]+[^\W_]*)*"
WORD_PART = re.compile(_RUN)
# A word, keeping inner apostrophes, points, commas and hyphens: don't, 1.5, 10,000, GPT-4, U.S
WORD = re.compile(rf"{_RUN}(?:['’.,\-‐‑]{_RUN})*[%]?")
# The languages that Snowball stems.
STEMMED = frozenset(snowballstemmer.algorithms())
NAME_AND_NUMBER = re.compile(r"^([^\W\d_]+)-(\d[\w.]*)$")
_PLAIN_MARKS = str.maketrans({"’": "'", "‑": "-", "‐": "-"})
# Stop words that titles write without a capital; one that has a capital opens a name: "The Who".
LINK_WORDS = frozenset(
    "a an the of in on at to for and or but by with from as into over per than if so".split()
)
# Whatever follows these begins anew, so that a capital means nothing there.
BEGINNINGS = re.compile(r"(?:^|[.!?:;…\n\"“”‘'(\[*•–—-])\s*$")


@lru_cache(maxsize=1_024)
def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` in lower case, in order; possessive endings are cut off."""
    found = WORD.findall(text.translate(_PLAIN_MARKS).casefold())
    return tuple([word.removesuffix("'s") for word in found])


@lru_cache(maxsize=65_536)
def stem(word: str, language: str = "") -> str:
    """The Snowball stem of a word in lower case, without diacritics.

    Args:
        word: In lower case.
        language: Its English name; otherwise the script decides, and Latin letters are taken for
            English. A language that Snowball does not know has no stems.
    """
    # A stemmer keeps its place in the word as state, so threads must not share one. Making one
    # takes no time beside stemming.
    language = language or language_of_script(word)
    if language not in STEMMED:
        return fold(word)
    if language == "english":
        # Its stemmer knows no letter with a diacritic and would leave the ending.
        word = fold(word)
    return fold(str(snowballstemmer.stemmer(language).stemWord(word)))


@cache
def _bases() -> dict[str, str]:
    """Stems of irregular forms, each with the stem of its base: "bought" is a form of "buy"."""
    rows = (row.split() for row in read_rows("irregular_forms.txt"))
    return {stem(form): stem(base) for base, *forms in rows for form in forms}


def base_of(stemmed: str) -> str:
    """The stem of the base, if a stem is that of an irregular form, else the stem itself."""
    return _bases().get(stemmed, stemmed)


@lru_cache(maxsize=65_536)
def lemma(word: str) -> str:
    """The stem for comparing: of irregular forms that of their base ("bought" and "buys").

    Args:
        word: In lower case.
    """
    return base_of(stem(word))


@lru_cache(maxsize=16_384)
def content_stems(text: str) -> tuple[str, ...]:
    """Stems of the words that are not function words, in order.

    Hyphenated words count as their parts, but a number stays with its name: GPT-4 and GPT4 are
    the same word. Names that look like function words (US, Theresa May) stay as they are written,
    and scripts without spaces give their pairs of characters.
    """
    names = dict(_names(text))
    found: list[str] = []
    for match in WORD.finditer(text.translate(_PLAIN_MARKS)):
        if match.start() in names:
            found.append(names[match.start()])
        else:
            found.extend(_stems_in(match.group().casefold().removesuffix("'s")))
    return tuple(found)


@lru_cache(maxsize=16_384)
def content_lemmas(text: str) -> tuple[str, ...]:
    """Like `content_stems`, with irregular forms as their base."""
    return tuple(map(base_of, content_stems(text)))


def names_like_stop_words(text: str) -> tuple[str, ...]:
    """The names in a text that are function words but for their capitals: US, WHO, Theresa May."""
    return tuple(name for _, name in _names(text))


def _names(text: str) -> Iterator[tuple[int, str]]:
    """The same, each with where it begins."""
    if text.islower() or text.isupper():
        return
    plain = text.translate(_PLAIN_MARKS)
    title_case: bool | None = None
    for match in WORD.finditer(plain):
        word = match.group().removesuffix("'s")
        if len(word) < 2 or not word[0].isupper() or word.lower() not in STOP_WORDS:
            continue
        if word.isupper():
            yield match.start(), word
        elif word.lower() not in LINK_WORDS and not BEGINNINGS.search(plain[: match.start()]):
            title_case = _is_title_case(plain) if title_case is None else title_case
            if not title_case:
                yield match.start(), word


def _is_title_case(text: str) -> bool:
    """Whether all words have capitals but those that titles write without."""
    return all(word in LINK_WORDS or not word[0].islower() for word in WORD.findall(text))


@lru_cache(maxsize=65_536)
def _stems_in(word: str) -> tuple[str, ...]:
    if UNSPACED_RUN.search(word):
        return unspaced_terms(word)
    parts = NAME_AND_NUMBER.sub(r"\1\2", word).split("-") if "-" in word else (word,)
    return tuple(stem(part) for part in parts if part and part not in STOP_WORDS)


def unspaced_terms(text: str) -> tuple[str, ...]:
    """The pairs of characters of scripts without spaces, and the stems of what is between them."""
    found: list[str] = []
    last = 0
    for match in UNSPACED_RUN.finditer(text):
        found += [stem(word) for word in words(text[last : match.start()])]
        run, last = match.group(), match.end()
        found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
    return (*found, *(stem(word) for word in words(text[last:])))


Trigrams = frozenset[tuple[str, ...]]


def trigrams(text: str) -> Trigrams:
    """Every run of three words in the text; its words if there are fewer than three."""
    found = words(text)
    runs = zip(found, islice(found, 1, None), islice(found, 2, None), strict=False)
    return frozenset(runs) or frozenset([found])


def shared_part(one: Trigrams, other: Trigrams) -> float:
    """The part of the shorter text's runs that the other text has too, 0 to 1."""
    return len(one & other) / min(len(one), len(other))

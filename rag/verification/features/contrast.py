"""Words that turn a statement round: opposites, comparisons, and how many of a group.

They count where the article speaks of the same things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from rag import text as texts
from rag.data import read_rows, read_word_groups

if TYPE_CHECKING:
    from rag.verification.features.parsing import ParsedDocument, ParsedSentence


@cache
def _opposites() -> Mapping[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in read_rows("antonyms.txt"):
        one, _, other = line.partition("|")
        groups = [{texts.lemma(word) for word in side.split()} for side in (one, other)]
        for stem in groups[0]:
            table.setdefault(stem, set()).update(groups[1] - {stem})
        for stem in groups[1]:
            table.setdefault(stem, set()).update(groups[0] - {stem})
    return {stem: frozenset(others) for stem, others in table.items()}


# Prefixes that turn a word into its opposite.
TURNING = ("un", "in", "im", "dis", "non", "ir", "il")

_WORDS = read_word_groups("degree_words.toml")
# How much of a group a word speaks of, from none (0) to all (5).
SHARES = {word: share for share in range(6) for word in _WORDS[f"share_{share}"]}
UNIVERSAL = frozenset({"all", "every"})
# "At all", "after all" and "above all" speak of no group.
IDIOMS = frozenset({"at", "after", "above", "in"})


def antonyms_of(stem: str) -> frozenset[str]:
    """Stems that say the opposite of one, by the table or by a prefix."""
    turned = {prefix + stem for prefix in TURNING}
    turned |= {
        stem[len(prefix) :]
        for prefix in TURNING
        if stem.startswith(prefix) and len(stem) > len(prefix) + 3
    }
    return _opposites().get(stem, frozenset()) | (turned if len(stem) > 3 else frozenset())


@cache
def negative_stems() -> frozenset[str]:
    """Stems of words that say that something went, or is, badly or less."""
    return frozenset(map(texts.lemma, _WORDS["negative"]))


def antonym_clashes(claimed: Iterable[str], said: frozenset[str]) -> tuple[str, ...]:
    """Claimed stems that are not said while their opposite is."""
    return tuple(s for s in dict.fromkeys(claimed) if s not in said and antonyms_of(s) & said)


def quantifier_levels(words: Iterable[str]) -> frozenset[int]:
    """The steps from none (0) to all (5) that a text's quantity words stand for."""
    return frozenset(SHARES[word] for word in words if word in SHARES)


def absolute_words(words: Iterable[str]) -> frozenset[str]:
    """Words of a text that allow no exception."""
    return _WORDS["absolute"].intersection(words)


def universal_scopes(words: Sequence[str]) -> tuple[frozenset[str], ...]:
    """For each "all" or "every" of a text, the stems of the two content words after it."""
    return tuple(
        frozenset(texts.content_lemmas(" ".join(words[place + 1 :]))[:2])
        for place, word in enumerate(words)
        if word in UNIVERSAL and (place == 0 or words[place - 1] not in IDIOMS)
    )


def limiting_stems(stems: Sequence[str]) -> tuple[str, ...]:
    """Stems by which a text says that something is not so in every case: "older than 60", "if"."""
    found = [stem for stem in stems if stem in _WORDS["limiting"]]
    for place, stem in enumerate(stems):
        measured = stems[place + 1 : place + 2] and stems[place + 1][:1].isdigit()
        if stem == "than" and measured and stems[place - 1] not in _WORDS["comparing"]:
            found.append(stem)
    return tuple(found)


def is_exclusive(words: Iterable[str]) -> bool:
    """Whether a text says that something is so for nothing else."""
    return any(word in _WORDS["only"] for word in words)


def comparatives(words: Iterable[str]) -> frozenset[str]:
    """Comparatives and superlatives, as written."""
    return frozenset(
        word
        for word in words
        if word in _WORDS["comparing"]
        or (len(word) > 4 and word.endswith(("er", "est", "ier", "iest")) and _is_compared(word))
    )


def _is_compared(word: str) -> bool:
    if word in _WORDS["not_comparing"]:
        return False
    base = word.removesuffix("est").removesuffix("er")
    return (
        base in _WORDS["adjectives"]
        or base + "e" in _WORDS["adjectives"]
        or base[:-1] in _WORDS["adjectives"]
        or (base.endswith("i") and base[:-1] + "y" in _WORDS["adjectives"])
    )


# Content words on each side of a word that count as its context, in the claim and in the article.
NEIGHBOURS = 3
REACH = 5
# With this many shared neighbours, or shared words, the feature is 1.
ENOUGH_NEIGHBOURS = 3
ENOUGH_WORDS = 4


def antonym_fit(claim: ParsedSentence, document: ParsedDocument) -> float:
    """How much better an opposite fits the surroundings of a claim's word than the word, 0..1.

    "Sales rose in Asia" beside "In Asia, sales fell": the article says it the other way round.
    """
    worst = 0
    for place, stem in enumerate(claim.order):
        others = antonyms_of(stem) & document.places.keys()
        if not others:
            continue
        before = claim.order[max(0, place - NEIGHBOURS) : place]
        beside = {*before, *claim.order[place + 1 : place + 1 + NEIGHBOURS]}
        fits = max(len(beside & around) for o in others for around in _around(o, document))
        own = max((len(beside & around) for around in _around(stem, document)), default=0)
        worst = max(worst, fits - own)
    return min(ENOUGH_NEIGHBOURS, worst) / ENOUGH_NEIGHBOURS


def _around(stem: str, document: ParsedDocument) -> Iterator[set[str]]:
    """The content words around each place where an article says a word."""
    for number in document.places.get(stem, ()):
        order = document.sentences[number].order
        for place, said in enumerate(order):
            if said == stem:
                yield {*order[max(0, place - REACH) : place], *order[place + 1 : place + 1 + REACH]}


def denied_but_asserted(claim: ParsedSentence, document: ParsedDocument) -> float:
    """How much closer to a claim the article asserts what the claim denies than denies it, 0..1.

    Closeness is the number of content words that a sentence of the article shares with the claim.
    """
    asserts = denies = 0
    for number in {n for stem in claim.denied for n in document.places.get(stem, ())}:
        sentence = document.sentences[number]
        shared = len(sentence.content & claim.content)
        if claim.denied & sentence.denied:
            denies = max(denies, shared)
        else:
            asserts = max(asserts, shared)
    return min(ENOUGH_WORDS, max(0, asserts - denies)) / ENOUGH_WORDS


def asserted_but_denied(
    claim: ParsedSentence, said: ParsedSentence, document: ParsedDocument
) -> bool:
    """Whether the article denies a word of the claim, which asserts it, and nowhere asserts it."""
    turned = (said.denied & claim.content) - claim.denied
    asserted = {
        stem
        for stem in turned
        for number in document.places.get(stem, ())
        if document.sentences[number] is not said and stem not in document.sentences[number].denied
    }
    return bool(turned) and not asserted

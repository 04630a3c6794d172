"""A number, name or opposite that stands in a claim where the article has another one.

"In Esk, 90 ferries need repair" beside "In Esk, 12 ferries need repair, of 90 on the whole coast":
every word is there, but the number belongs to something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from rag import text as texts
from rag.verification.features import contrast, names_and_pronouns
from rag.verification.features.numbers_and_dates import extract_quantities, missing_quantities
from rag.verification.features.parsing import ParsedSentence
from rag.verification.features.word_order import is_content

# In words: a longer piece of the claim, or of the article, is another clause and not another word.
LONGEST_PUT, LONGEST_REPLACED = 8, 12
# Kept words next to the exchanged ones, this many on each side, must hold so many content words.
BESIDE, FEWEST_BESIDE = 4, 2
# Spellings of one name are at least this alike, 0..1 (Jon, John).
SAME_NAME = 0.8
# An article that refers back here ("its boats") may mean the name that the claim writes out.
REFERRING = frozenset(
    "he she it they his her its their him them this that these those who which".split()
)
DETERMINERS = frozenset("a an the its his her their some many most several other".split())
ORDER = frozenset(map(texts.lemma, "before after earlier later prior previous next".split()))
PART = re.compile(r"[-.,–]")


class Substitution(NamedTuple):
    """Words of a claim, and the words that the article has in their place; in lower case.

    ``beside`` is how many content words are kept next to them, ``start`` and ``end`` the places of
    the exchanged piece in the claim.
    """

    put: tuple[str, ...]
    replaced: tuple[str, ...]
    beside: int = 0
    start: int = 0
    end: int = 0


def substitutions(
    claim: ParsedSentence, said: ParsedSentence, names: frozenset[str]
) -> tuple[Substitution, ...]:
    """What a claim exchanges in an article's sentence between words that it keeps.

    Args:
        claim: The claim.
        said: A sentence with most of its words.
        names: The words that are names in claim or article; at the beginning of a sentence,
            its own capital does not tell.
    """
    steps = SequenceMatcher(None, said.stems, claim.stems, autojunk=False).get_opcodes()
    found: list[Substitution] = []
    for number, (tag, a_start, a_end, b_start, b_end) in enumerate(steps):
        short = a_end - a_start <= LONGEST_REPLACED and b_end - b_start <= LONGEST_PUT
        before = _kept(claim.stems, steps[number - 1 : number])[-BESIDE:]
        after = _kept(claim.stems, steps[number + 1 : number + 2])[:BESIDE]
        beside = sum(map(is_content, (*before, *after)))
        if tag == "replace" and short and beside >= FEWEST_BESIDE:
            put, replaced = claim.words[b_start:b_end], said.words[a_start:a_end]
            sides = any(map(is_content, before)), any(map(is_content, after))
            new = [
                *_numbers(put, replaced, sides),
                *_names(put, replaced, claim, said, names, sides),
                *_opposites(claim.stems[b_start:b_end], said.stems[a_start:a_end]),
            ]
            found += [each._replace(beside=beside, start=b_start, end=b_end) for each in new]
    return tuple(found)


def kept_beside(found: Substitution, claim: ParsedSentence, said: ParsedSentence) -> int:
    """How many content words a sentence keeps next to the exchanged words, where it has them."""
    steps = SequenceMatcher(None, said.stems, claim.stems, autojunk=False).get_opcodes()
    most = 0
    for tag, _, _, start, end in steps:
        places = range(max(start, found.start), min(end, found.end))
        own = [place for place in places if claim.words[place] in found.put]
        if tag == "equal" and own:
            around = range(max(start, own[0] - BESIDE), min(end, own[-1] + 1 + BESIDE))
            others = (claim.stems[place] for place in around if place not in own)
            most = max(most, sum(map(is_content, others)))
    return most


def _kept(stems: Sequence[str], steps: Sequence[tuple[str, int, int, int, int]]) -> Sequence[str]:
    """The claim's stems in a neighbouring step, if it keeps the article's words."""
    return [stem for tag, _, _, start, end in steps if tag == "equal" for stem in stems[start:end]]


def _touching(
    piece: Sequence[str], wanted: Callable[[str], bool], before: bool, after: bool
) -> Sequence[str]:
    """The words of a piece between its kept sides and the first word that is not wanted.

    Function words do not count. ``before`` and ``after`` are whether content is kept there.
    """
    plain = [n for n, word in enumerate(piece) if not (wanted(word) or word in texts.STOP_WORDS)]
    if not plain:
        return piece
    return [*(piece[: plain[0]] if before else ()), *(piece[plain[-1] + 1 :] if after else ())]


def _numbers(
    put: Sequence[str], replaced: Sequence[str], sides: tuple[bool, bool]
) -> Iterator[Substitution]:
    """A number for another one, or for a word such as "most"."""
    here = tuple(filter(_counts, _touching(put, _counts, *sides)))
    there = tuple(filter(_measures, _touching(replaced, _measures, *sides)))
    said, claimed = (extract_quantities(" ".join(words)) for words in (replaced, put))
    agree = bool(claimed) and not missing_quantities(claimed, said)
    if here and there and not agree and _parts(here).isdisjoint(_parts(there)):
        yield Substitution(here, there)


def _counts(word: str) -> bool:
    known = word in texts.NUMBER_WORDS or word in texts.MONTHS or word in texts.WEEKDAYS
    return known or any(map(str.isdigit, word))


def _measures(word: str) -> bool:
    return _counts(word) or word in contrast.SHARES


def _parts(words: Sequence[str]) -> set[str]:
    return {part for word in words for part in PART.split(word) if part}


def _names(
    put: Sequence[str],
    replaced: Sequence[str],
    claim: ParsedSentence,
    said: ParsedSentence,
    names: frozenset[str],
    sides: tuple[bool, bool],
) -> Iterator[Substitution]:
    here, there = (
        tuple(name for name in _named(words, names) if name in touching and _is_proper(name, where))
        for words, where in ((put, claim), (replaced, said))
        for touching in (_touching(words, names.__contains__, *sides),)
    )
    there = tuple(name for name in there if name not in claim.vocabulary)
    if not here or not there or not REFERRING.isdisjoint(replaced):
        return
    initials = names_and_pronouns.initials_of(said.text) | names_and_pronouns.initials_of(
        claim.text
    )
    held = frozenset(replaced)
    same = any(names_and_pronouns.is_known_name(name, held, initials) for name in here)
    alike = any(_ratio(one, other) >= SAME_NAME for one in here for other in there)
    if not same and not alike and initials.isdisjoint(there):
        yield Substitution(here, there)


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _is_proper(name: str, sentence: ParsedSentence) -> bool:
    """Whether all parts of a word are capitalised here: "Esk-based" describes."""
    return not any(part[:1].islower() for part in sentence.written(name).split("-"))


def _named(words: Sequence[str], names: frozenset[str]) -> Iterator[str]:
    """Words of names that are no part of a description: "the Danish firm" may be anybody."""
    for is_name, run in groupby(enumerate(words), key=lambda item: item[1] in names):
        places = [place for place, _ in run]
        before, after = places[0] - 1, places[-1] + 1
        described = before >= 0 and words[before] in DETERMINERS
        continues = after < len(words) and words[after] not in texts.STOP_WORDS
        if is_name and not (described and continues):
            yield from words[places[0] : after]


def _opposites(put: Sequence[str], replaced: Sequence[str]) -> Iterator[Substitution]:
    for stem in put:
        others = contrast.antonyms_of(stem).intersection(replaced)
        # What comes after is told from the other side by what comes before.
        if others and stem not in ORDER:
            yield Substitution((stem,), tuple(sorted(others)))

"""A sentence beside an article's words: what is kept in order, inserted, swapped or exchanged.

Two names that changed places around the same deed say that another one did it. A number, name or
opposite may stand where the article has another one: "In Esk, 90 ferries need repair" beside "In
Esk, 12 ferries need repair, of 90 on the whole coast" has every word, but the number belongs to
something else.
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


class Difference(NamedTuple):
    """How a sentence differs from the words it is laid beside.

    Attributes:
        kept: Share of the sentence's words that occur there in the same order, 0..1.
        inserted: Stems of the sentence that have no counterpart in the article.
        removed: Stems of the article, left out between the first kept word and the last.
        swapped: Content stems that swapped places.
    """

    kept: float
    inserted: tuple[str, ...]
    removed: tuple[str, ...]
    swapped: tuple[str, ...]


def align(claim: Sequence[str], said: Sequence[str]) -> Difference:
    """Compares stems in order. ``removed`` counts only from the first kept word to the last."""
    matcher = SequenceMatcher(None, said, claim, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return Difference(0.0, tuple(claim), (), ())
    first, last = blocks[0].a, blocks[-1].a + blocks[-1].size
    put: list[str] = []
    left: list[str] = []
    changes: list[tuple[set[str], set[str]]] = []
    for tag, a_start, a_end, b_start, b_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        put.extend(claim[b_start:b_end])
        left.extend(said[max(first, a_start) : min(last, a_end)])
        gone, come = said[a_start:a_end], claim[b_start:b_end]
        changes.append(({s for s in gone if is_content(s)}, {s for s in come if is_content(s)}))
    kept = sum(block.size for block in blocks) / len(claim)
    return Difference(kept, tuple(put), tuple(left), _swapped(changes))


def _swapped(changes: Sequence[tuple[set[str], set[str]]]) -> tuple[str, ...]:
    """What left one place and came to another, while that one's words came to the first.

    A clause that only moved leaves one place and comes to another, and nothing comes back.
    """
    found: dict[str, None] = {}
    for number, (gone, come) in enumerate(changes):
        for other_gone, other_come in changes[number + 1 :]:
            there, back = gone & other_come, come & other_gone
            if there and back:
                found.update(dict.fromkeys(sorted((there | back) - (there & back))))
    return tuple(found)


def is_content(stem: str) -> bool:
    """Whether a stem carries content."""
    return stem not in texts.STOP_WORDS


PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being|be|gets?|got)\b[^.;:]{0,40}?\b\w+(?:ed|en|wn|ld|ght|de|id|nt)\b"
    r"[^.;:]{0,60}?\bby\b",
    re.IGNORECASE,
)

# Stems from one party to the other, at most.
REACH = 25


def swapped_pairs(
    claim: Sequence[str], said: Sequence[str], parties: frozenset[str], *, turned: bool = False
) -> tuple[tuple[str, str], ...]:
    """Pairs of parties around a shared word, in one order here and in the other there.

    ``claim`` and ``said`` are stems in order; ``parties`` those that may act. A pair counts if the
    same content word is between them both times and the order never agrees. With ``turned``,
    one of the two is a passive, and the same order is the wrong one.
    """
    acting = [s for s in dict.fromkeys(claim) if s in parties and s in said]
    found = []
    for place, one in enumerate(acting):
        for other in acting[place + 1 :]:
            first, second = (one, other) if _between(claim, one, other) else (other, one)
            here = _between(claim, first, second)
            same, other_way = _between(said, first, second), _between(said, second, first)
            wrong, right = (same, other_way) if turned else (other_way, same)
            if here & wrong and not here & right:
                found.append((first, second))
    return tuple(found)


def _between(order: Sequence[str], one: str, other: str) -> frozenset[str]:
    """Content words between the first party and the nearest second one after it."""
    found: set[str] = set()
    start = -1
    for _ in range(order.count(one)):
        start = order.index(one, start + 1)
        after = order[start + 1 : start + REACH]
        if other in after:
            between = after[: after.index(other)]
            if one not in between:
                found.update(between)
    return frozenset(found - texts.STOP_WORDS)


def around(text: str, parties: frozenset[str]) -> str:
    """The text from the first word with one of these stems to the last; all of it without two.

    A passive elsewhere in the sentence says nothing of what they did.
    """
    found = [
        match
        for match in texts.WORD.finditer(text)
        if not parties.isdisjoint(map(texts.stem, texts.words(match[0])))
    ]
    return text[found[0].start() : found[-1].end()] if len(found) > 1 else text


def is_passive(text: str) -> bool:
    """Whether a sentence turns its deed round: ``was sued by``."""
    return bool(PASSIVE.search(text))


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

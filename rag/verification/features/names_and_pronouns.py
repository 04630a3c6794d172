"""Names with their parts and short forms, and whether a pronoun has a name that it can mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, pairwise

from rag import text as texts
from rag.data import read_rows
from rag.text import CAPITALIZED, NAME_LINK
from rag.verification.features.parsing import ParsedSentence

FULL_NAME = re.compile(rf"\b{CAPITALIZED}(?:[^\S\n]+{CAPITALIZED})+")
LONG_NAME = re.compile(rf"\b{CAPITALIZED}(?:\s+(?:{NAME_LINK}\s+)?{CAPITALIZED})+")


# Demonym suffixes: Mexico, Mexican.
ENDING = re.compile(r"(?:ians?|ans?|ese|ish|ines?|is|s|ia|ies|y|o|a|e|i)$")
SHORTEST_ROOT = 4
SAME = frozenset(frozenset(row.split()) for row in read_rows("demonyms.txt"))
QUARTERS = {"q1": "first", "q2": "second", "q3": "third", "q4": "fourth"}
# What tells a reader to do something often opens a line, and is not a name.
ORDERS = frozenset(
    """click choose select start open go press tap use visit enter check make set turn find try
    remove add follow scroll type hold see create sign log additionally finally alternatively
    i've i'm i'd i'll sorry""".split()
)


def missing_names(claimed: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """The claimed name words that match no known word, not even in part or as a demonym."""
    roots = {_root(word) for word in known if len(word) > SHORTEST_ROOT}
    return tuple(name for name in sorted(claimed) if not _is_known(name, known, roots))


def _is_known(name: str, known: frozenset[str], roots: set[str]) -> bool:
    if name in ORDERS or {name, name.rstrip("s"), name + "s"} & known:
        return True
    if any(len(part) > 1 and part in known for part in re.split(r"[-.'’/]", name)):
        return True
    if name in QUARTERS and {QUARTERS[name], "quarter"} <= known:
        return True
    if any(name in pair and pair & known for pair in SAME):
        return True
    return len(name) > SHORTEST_ROOT and _root(name) in roots


def _root(name: str) -> str:
    """A name without the ending that makes a people of a land: "mexic" of both."""
    bare = ENDING.sub("", name)
    return bare if len(bare) >= SHORTEST_ROOT else name


def is_known_name(name: str, known: frozenset[str], initials: frozenset[str] = frozenset()) -> bool:
    """Whether a name word is among known words: itself, its people, its parts, its initials."""
    bare = re.sub(r"['’.-]", "", name)
    if {name, bare, name.rstrip("s"), name + "s"} & known or bare in initials:
        return True
    if any(name in pair and pair & known for pair in SAME):
        return True
    parts = [part for part in re.split(r"[-.]", name) if part]
    if len(parts) > 1 and all(part in known for part in parts):
        return True
    return any(bare == other.replace(".", "").replace("-", "") for other in known)


@lru_cache(maxsize=512)
def full_names(text: str) -> frozenset[tuple[str, str]]:
    """Each two neighbouring words of the names in a text, in lower case: ``("ida", "brandt")``."""
    names = (texts.words(match[0]) for match in FULL_NAME.finditer(text))
    return frozenset(chain.from_iterable(map(pairwise, names)))


def shorten_names(text: str, known: frozenset[tuple[str, str]], near: frozenset[str]) -> str:
    """The text with names as short as the sentences nearby have them: "Ida Brandt" as "Brandt".

    Args:
        text: A claim.
        known: The `full_names` of the article. A word stays if the article has several before the
            same name: then it tells two persons apart.
        near: The words of the sentences nearby, in lower case.
    """
    found = list(texts.WORD.finditer(text))
    for first, second in reversed(list(pairwise(found))):
        if text[first.end() : second.start()].strip():
            continue
        pair = texts.words(f"{first[0]} {second[0]}")
        if len(pair) != 2 or tuple(pair) not in known or pair[0] in near or pair[1] not in near:
            continue
        if all(one == pair[0] or one in texts.STOP_WORDS for one, name in known if name == pair[1]):
            text = text[: first.start()] + text[second.start() :]
    return text


def initials_of(text: str) -> frozenset[str]:
    """Initials, in lower case, of the runs of capitalised words: "European Union" gives "eu"."""
    found: set[str] = set()
    for match in LONG_NAME.finditer(text):
        letters = re.findall(r"\b[A-Z]", match.group())
        found.update(
            "".join(letters[start:end]).lower()
            for start in range(len(letters) - 1)
            for end in range(start + 2, min(len(letters), start + 6) + 1)
        )
    return frozenset(found)


HE = frozenset("he him his himself".split())
SHE = frozenset("she her hers herself".split())
IT = frozenset("it its itself".split())
THEY = frozenset("they them their themselves".split())
PRONOUNS = HE | SHE | IT | THEY


def first_pronoun(words: Sequence[str]) -> int | None:
    """Place of the first pronoun of the third person."""
    return next((place for place, word in enumerate(words) if word in PRONOUNS), None)


def gender_mismatch(claimed: Sequence[str], said: Sequence[str]) -> str | None:
    """The "he" or "she" of an article that only speaks of the one where a sentence says the other.

    None where they agree, or where the article speaks of both or of neither.
    """
    for own, other, word in ((HE, SHE, "she"), (SHE, HE, "he")):
        says_own = bool(own.intersection(claimed)) and not other.intersection(claimed)
        if says_own and other.intersection(said) and not own.intersection(said):
            return word
    return None


def has_unresolved_pronoun(claim: ParsedSentence, before: Sequence[ParsedSentence] = ()) -> bool:
    """Whether a pronoun comes before any name, in this sentence and those in front of it."""
    place = first_pronoun(claim.words)
    if place is None or any(part.names for part in before):
        return False
    return not any(word in claim.names for word in claim.words[:place])

"""Strips instructions on how the answer should look: "Make a list.", "in one sentence"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import text as texts
from rag.data import read_words

# What may begin a question, up to a comma or colon, or end it: "in one sentence".
FIRST_PHRASE = re.compile(r"(?P<phrase>[^,:;.?!]+)[,:]\s+(?P<asked>.+)", re.DOTALL)
LAST_PHRASE = re.compile(
    r"(?P<asked>.+?)(?P<comma>,?)\s+"
    r"(?P<phrase>(?:in|as|with|using|step by step|briefly)\b[^,;.?!]*)(?P<end>[?.!]*)",
    re.DOTALL,
)
# A list that exists already need not be made.
DEFINITE = frozenset("the this that these those his her its their".split())
# Words of the form of an answer that are not stop words elsewhere.
LIMITS = frozenset("by no more less than only not most least up".split())
# Words that make no form of an answer without others: "in a year", "in English".
NO_FORM_ALONE = frozenset(
    "english language year old child expert like order use show possible"
    " one two three four five six ten".split()
)
# After these, without a comma, a form may be that of what the question is about: "Which words are
# in a list?", "What did he say in one sentence?"; but not if it asks the reader to say it.
BEING = frozenset("is are was were be been being".split())
SAYING = frozenset(
    "say says said saying speak speaks spoke spoken speaking write writes wrote written writing"
    " describe describes described put puts express expresses expressed".split()
)
# Words of a question without its instructions.
FEWEST_WORDS = 3


def strip_instructions(question: str) -> str:
    """The question without what it says on the form of the answer; unchanged if nothing is left.

    Its words are not part of what is asked. A backend is given the question as it was asked.
    """
    pieces = [question[span.start : span.end] for span in texts.sentences(question)]
    asked = [piece for piece in pieces if piece.rstrip().endswith("?") or not _is_form(piece)]
    if not asked:
        return question
    bare = question if len(asked) == len(pieces) else " ".join(asked)
    first, last = FIRST_PHRASE.fullmatch(bare), LAST_PHRASE.fullmatch(bare)
    if first and _is_new_form(first["phrase"]) and _is_enough(first["asked"]):
        return first["asked"]
    if last and _is_new_form(last["phrase"]) and _is_enough(last["asked"]):
        words = texts.words(last["asked"].casefold())
        if last["comma"] or not _goes_on(words):
            return last["asked"] + last["end"]
    return bare


def _is_enough(asked: str) -> bool:
    return len(asked.split()) >= FEWEST_WORDS


def _goes_on(words: Sequence[str]) -> bool:
    """Whether a form that follows may belong to these words of a question."""
    said = not SAYING.isdisjoint(words[1:]) and "you" not in words
    return said or words[-1] in BEING


def _is_new_form(phrase: str) -> bool:
    words = set(texts.words(phrase.casefold()))
    tells = not words.isdisjoint(read_words("answer_form.txt") - NO_FORM_ALONE)
    return DEFINITE.isdisjoint(words) and tells and _is_form(phrase)


def _is_form(piece: str) -> bool:
    """Whether words speak of nothing but the form of an answer."""
    words = texts.words(piece.casefold())
    form = read_words("answer_form.txt")
    return not form.isdisjoint(words) and all(
        word.isdigit() or word in form or word in LIMITS or word in texts.STOP_WORDS
        for word in words
    )
